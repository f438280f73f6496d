const NAMES = [
  'text',
  'text-2',
  'text-3',
  'surface',
  'raised',
  'sunken',
  'bg',
  'line',
  'line-strong',
  'accent',
  'accent-soft',
  'accent-line',
  'bad',
  'bad-soft',
  'warn',
  'ok',
] as const;
export type Colours = Record<(typeof NAMES)[number], string>;

/** The design tokens as a canvas needs them: resolved for the theme that is on. */
export function readColours(within: HTMLElement): Colours {
  const probe = document.createElement('span');
  within.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as Colours;
}
