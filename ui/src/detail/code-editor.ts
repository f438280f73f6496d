import { json } from '@codemirror/lang-json';
import { xml } from '@codemirror/lang-xml';
import {
  codeFolding,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  syntaxHighlighting,
} from '@codemirror/language';
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

export type Language = 'json' | 'xml' | 'html' | 'text';

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.attributeName], color: 'var(--code-key)' },
  { tag: [tags.string, tags.attributeValue], color: 'var(--code-string)' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: [tags.bool, tags.null, tags.keyword], color: 'var(--code-atom)' },
  { tag: [tags.tagName, tags.angleBracket], color: 'var(--code-tag)' },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: 'var(--text-3)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--text-3)', border: 'none' },
  '.cm-foldGutter .cm-gutterElement': { color: 'var(--text-3)', cursor: 'pointer', padding: '0 2px' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--accent)',
    border: 'none',
    padding: '0 6px',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-soft)', outline: '1px solid var(--warn)' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '.cm-redacted': {
    border: '1px dashed var(--lost)',
    borderRadius: '3px',
    backgroundColor: 'var(--lost-soft)',
    color: 'var(--lost)',
    padding: '0 3px',
  },
  '.cm-redacted *': { color: 'var(--lost) !important' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 10px', fontFamily: 'var(--sans)' },
  '.cm-textfield': {
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
  },
  '.cm-button': {
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
    backgroundColor: 'var(--raised)',
    backgroundImage: 'none',
    color: 'var(--text)',
  },
});

const redactedMark = Decoration.mark({
  class: 'cm-redacted',
  attributes: { title: 'Redacted on the node, before it was stored or sent' },
});
const redactedMatcher = new MatchDecorator({ regexp: /\[REDACTED\]/g, decoration: redactedMark });
const redactedMarks = ViewPlugin.define(
  (view) => ({
    decorations: redactedMatcher.createDeco(view),
    update(update: ViewUpdate) {
      this.decorations = redactedMatcher.updateDeco(update, this.decorations);
    },
  }),
  { decorations: (plugin) => plugin.decorations },
);

async function languageOf(name: Language): Promise<Extension> {
  if (name === 'json') return json();
  if (name === 'xml') return xml();
  if (name === 'html') return (await import('@codemirror/lang-html')).html({ autoCloseTags: false });
  return [];
}

/**
 * A read-only view of text with folding and search. It lives in a shadow root: there its styles are constructed style
 * sheets, which the page's Content-Security-Policy lets through, where style elements would be refused.
 */
export async function createCodeView(
  parent: ShadowRoot,
  text: string,
  language: Language,
  label: string,
): Promise<EditorView> {
  const state = EditorState.create({
    doc: text,
    extensions: [
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({
        tabindex: '0',
        'aria-label': label,
        'aria-readonly': 'true',
        role: 'textbox',
        'aria-multiline': 'true',
      }),
      EditorView.lineWrapping,
      lineNumbers(),
      foldGutter({ openText: '▾', closedText: '▸' }),
      codeFolding(),
      highlightSpecialChars(),
      highlightSelectionMatches(),
      search({ top: true }),
      keymap.of([...searchKeymap, ...foldKeymap]),
      syntaxHighlighting(colours),
      redactedMarks,
      look,
      await languageOf(language),
    ],
  });
  return new EditorView({ state, parent, root: parent });
}

export { openSearchPanel };
