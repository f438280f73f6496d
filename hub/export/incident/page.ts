import { createHash } from 'node:crypto';

/** The colours of ui/src/styles/tokens.css that are needed here, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: light-dark(#f6f7f8, #0e1216); --raised: light-dark(#ffffff, #1a2028); --sunken: light-dark(#f1f3f5, #10151a);
  --line: light-dark(#e2e6ea, #252d36); --line-strong: light-dark(#c5ccd3, #3a4550);
  --text: light-dark(#171d23, #e1e7ed); --text-2: light-dark(#48525d, #aab4bf);
  --accent: light-dark(#0b6e7f, #56c2d1); --accent-line: light-dark(#7fbcc6, #35798a);
  --ok: light-dark(#1b7340, #5fcf8f); --warn: light-dark(#865300, #e8b650);
  --bad: light-dark(#b8262b, #ff8780); --bad-soft: light-dark(#fde8e7, #3c191a);
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1200px; padding: 24px 16px; background: var(--bg); color: var(--text);
  font: 14px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 28px 0 8px; }
h3 { font-size: 14px; margin: 16px 0 4px; } h4 { font-size: 12px; margin: 10px 0 4px; color: var(--text-2); font-weight: 600; }
p { margin: 4px 0; } .aside { color: var(--text-2); }
.note { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--raised); border: 1px solid var(--line);
  border-left: 4px solid var(--accent); border-radius: 6px; padding: 10px 14px; }
.map { overflow: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--bg); }
.map svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.tools { display: flex; gap: 8px; flex-wrap: wrap; margin: 8px 0; }
.tools:has(input:disabled) { display: none; }
input, button { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line-strong);
  border-radius: 6px; padding: 5px 10px; }
input { flex: 1 1 220px; } button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.flow { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; margin: 4px 0; }
.flow[hidden] { display: none; }
summary { display: flex; flex-wrap: wrap; gap: 2px 12px; padding: 6px 10px; cursor: pointer; align-items: baseline; }
summary time, .what, .ms { font-family: var(--mono); font-size: 12.5px; }
summary time, .who, .ms { color: var(--text-2); }
.what { flex: 1 1 300px; overflow-wrap: anywhere; } .ms { min-width: 70px; text-align: right; }
.s2 { color: var(--ok); } .s3 { color: var(--accent); } .s4 { color: var(--warn); } .s5, .s0 { color: var(--bad); }
.inside { border-top: 1px solid var(--line); padding: 8px 14px 14px; }
.line { font-family: var(--mono); font-size: 12.5px; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(90px, max-content) 1fr; gap: 1px 14px; margin: 4px 0;
  font-family: var(--mono); font-size: 12.5px; }
dt { color: var(--text-2); overflow-wrap: anywhere; max-width: 260px; } dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 4px 0; padding: 8px 10px; max-height: 480px; overflow: auto; background: var(--sunken); border-radius: 6px;
  font: 12.5px/1.45 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 700px) { .map svg { max-width: none; } }
@media print { .tools { display: none; } pre { max-height: none; } }
`;

/** Finding flows, and opening all of them. Without it the file can be read as well. */
export const SCRIPT = `
const flows = [...document.querySelectorAll('.flow')];
const find = document.querySelector('#find');
const told = document.querySelector('#told');
const show = () => {
  const text = find.value.toLowerCase();
  let count = 0;
  for (const flow of flows) {
    flow.hidden = !flow.textContent.toLowerCase().includes(text);
    if (!flow.hidden) count++;
  }
  told.textContent = text === '' ? '' : count + ' of ' + flows.length;
};
find.disabled = false;
find.addEventListener('input', show);
document.querySelector('#open').addEventListener('click', () => {
  const closed = flows.some((flow) => !flow.hidden && !flow.open);
  for (const flow of flows) if (!flow.hidden) flow.open = closed;
});
`;

/** Nothing but its own style and script, by their hashes: captured text that got in as markup could do nothing. */
export const POLICY = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`;

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
