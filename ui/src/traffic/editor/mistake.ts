import { completionStatus } from '@codemirror/autocomplete';
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  keymap,
  showTooltip,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import type { FilterError } from '../../../../flow/filter.ts';

/** Pause after the last key before the filter is checked, ms: nobody wants to be told of a word that is half typed. */
const PAUSE_MS = 400;

/** The first mistake of a text; undefined: it is right. */
export type Check = (text: string) => Promise<FilterError | undefined>;

interface Checked {
  error?: FilterError | undefined;
  /** The text was applied: the page says what is wrong with it, and no words are needed below it. */
  applied: boolean;
}

const found = StateEffect.define<FilterError | undefined>();
const applied = StateEffect.define<void>();

const checked = StateField.define<Checked>({
  create: () => ({ applied: true }),
  update(before, transaction) {
    let now = transaction.docChanged ? { applied: false } : before;
    for (const effect of transaction.effects) {
      if (effect.is(found)) now = { ...now, error: effect.value };
      else if (effect.is(applied)) now = { ...now, applied: true };
    }
    return now;
  },
  provide: (field) => [
    EditorView.decorations.from(field, ({ error }) => {
      if (error === undefined || error.start === error.end) return Decoration.none;
      return Decoration.set(Decoration.mark({ class: 'cm-wrong' }).range(error.start, error.end));
    }),
    EditorView.contentAttributes.from(field, ({ error }) => ({
      'aria-invalid': String(error !== undefined),
    })),
    showTooltip.from(field, tooltip),
  ],
});

function tooltip({ error, applied }: Checked): Tooltip | null {
  if (error === undefined || applied) return null;
  return {
    pos: error.start,
    create: (view) => ({ dom: words(view, error), getCoords: () => below(view, error.start) }),
  };
}

/** Where the words stand: below the mistake, or as near as the line shows of it. */
function below(view: EditorView, at: number): { left: number; right: number; top: number; bottom: number } {
  const box = view.dom.getBoundingClientRect();
  const wanted = view.coordsAtPos(at)?.left ?? box.left;
  const left = Math.min(box.right, Math.max(box.left, wanted));
  return { left, right: left, top: box.top, bottom: box.bottom };
}

function words(view: EditorView, { message, suggestion }: FilterError): HTMLElement {
  const dom = document.createElement('div');
  dom.className = 'cm-mistake';
  dom.setAttribute('role', 'status');
  dom.append(message);
  if (suggestion === undefined) return dom;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = `Use ${suggestion}`;
  button.title = 'Ctrl-.';
  // The click must not take the focus away from the text.
  button.onmousedown = (event) => event.preventDefault();
  button.onclick = () => mend(view);
  dom.append(' ', button);
  return dom;
}

/** Puts what was probably meant in the place of the mistake. */
export function mend(view: EditorView): boolean {
  const { error } = view.state.field(checked);
  if (error?.suggestion === undefined) return false;
  const { start, end, suggestion } = error;
  const { head } = view.state.selection.main;
  const change = view.state.changes({ from: start, to: end, insert: suggestion });
  view.dispatch({ changes: change, selection: { anchor: change.mapPos(head, 1) }, userEvent: 'input' });
  view.focus();
  return true;
}

/** The text is applied now: from here on the page says what is wrong with it. */
export function apply(view: EditorView): void {
  view.dispatch({ effects: applied.of() });
}

/** Checks the text when the typing pauses, underlines the first mistake and says below it what to do. */
export function mistakes(check: Check): Extension {
  const checker = ViewPlugin.define((view) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      const text = view.state.doc.toString();
      const error = await check(text);
      if (view.state.doc.toString() !== text) return;
      // What is being chosen from is not wrong yet.
      if (completionStatus(view.state) === null) view.dispatch({ effects: found.of(error) });
      else wait(PAUSE_MS);
    };
    const wait = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), ms);
    };
    return {
      update: ({ docChanged, transactions }: ViewUpdate) => {
        const isApplied = transactions.some(({ effects }) => effects.some((effect) => effect.is(applied)));
        if (docChanged || isApplied) wait(isApplied ? 0 : PAUSE_MS);
      },
      destroy: () => clearTimeout(timer),
    };
  });
  return [checked, checker, keymap.of([{ key: 'Mod-.', run: mend }])];
}
