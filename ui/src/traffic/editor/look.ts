import { EditorView } from '@codemirror/view';

/** The page's tokens (styles/tokens.css) reach into the shadow root; nothing else of its style does. */
export const look = EditorView.theme({
  '&': { color: 'var(--text)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    overflowX: 'auto',
    scrollbarWidth: 'none',
    fontFamily: 'var(--mono)',
    lineHeight: '28px',
  },
  '.cm-content': { padding: '0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0' },
  '.cm-placeholder': {
    color: 'var(--text-3)',
    display: 'inline-block',
    height: '28px',
    overflow: 'hidden',
    whiteSpace: 'nowrap',
  },
  '.cm-f-field': { color: 'var(--code-key)' },
  '.cm-f-word': { color: 'var(--code-atom)', fontWeight: '600' },
  '.cm-f-function': { color: 'var(--code-tag)' },
  '.cm-f-string': { color: 'var(--code-string)' },
  '.cm-f-number': { color: 'var(--code-number)' },
  '.cm-f-operator, .cm-f-bracket': { color: 'var(--text-2)' },
  '.cm-wrong': {
    textDecoration: 'underline wavy var(--bad)',
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    zIndex: '40',
    maxWidth: 'min(560px, calc(100vw - 24px))',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    backgroundColor: 'var(--raised)',
    boxShadow: '0 12px 32px var(--shadow)',
    color: 'var(--text)',
    fontSize: '12px',
  },
  '.cm-mistake': {
    padding: '5px 9px',
    fontFamily: 'var(--sans)',
    lineHeight: '1.45',
  },
  '.cm-mistake button': {
    padding: '1px 8px',
    border: '1px solid var(--accent)',
    borderRadius: '4px',
    background: 'var(--accent-soft)',
    color: 'var(--accent)',
    font: '600 12px/18px var(--mono)',
    cursor: 'pointer',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    maxHeight: '14.5em',
    maxWidth: 'min(560px, calc(100vw - 24px))',
    fontFamily: 'var(--mono)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    gap: '16px',
    padding: '2px 9px',
    lineHeight: '1.5',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li .cm-completionLabel': {
    flex: '1',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--text)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '700' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal', fontFamily: 'var(--sans)' },
  '.cm-completionInfo': {
    padding: '6px 10px',
    maxWidth: '280px',
    color: 'var(--text-2)',
    fontFamily: 'var(--sans)',
    lineHeight: '1.45',
  },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)',
  },
});
