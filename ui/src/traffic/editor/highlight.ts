import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { fieldOf, isFieldRoot, rootField, type Token, tokensOf } from './tokens.ts';

const CONSTANTS = new Set(['true', 'false', 'null', 'in']);

/** The class of a piece: what it is, not how it looks. */
function classOf({ kind, text, path = '' }: Token, next: Token | undefined): string {
  if (kind !== 'name') return `cm-f-${kind}`;
  if (next?.text === '(') return 'cm-f-function';
  if (fieldOf(path)?.type === 'bool') return 'cm-f-word';
  if (rootField(path) !== undefined || isFieldRoot(path)) return 'cm-f-field';
  return CONSTANTS.has(text) ? 'cm-f-word' : 'cm-f-name';
}

function decorate(view: EditorView): DecorationSet {
  const tokens = tokensOf(view.state.doc.toString());
  return Decoration.set(
    tokens.map((token, at) =>
      Decoration.mark({ class: classOf(token, tokens[at + 1]) }).range(token.start, token.end),
    ),
  );
}

/** Colours for fields, ready words, functions, text and numbers. */
export const highlighting = ViewPlugin.define(
  (view) => ({
    decorations: decorate(view),
    update(update: ViewUpdate) {
      if (update.docChanged) this.decorations = decorate(update.view);
    },
  }),
  { decorations: (plugin) => plugin.decorations },
);
