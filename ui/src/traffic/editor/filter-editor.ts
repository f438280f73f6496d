import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
  completionStatus,
  moveCompletionSelection,
  selectedCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorSelection, EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder, tooltips } from '@codemirror/view';
import { type Proposal, proposals, type SeenValues } from './completion.ts';
import { highlighting } from './highlight.ts';
import { look } from './look.ts';
import { type Check, mistakes } from './mistake.ts';

export interface FilterEditorOptions {
  parent: ShadowRoot;
  label: string;
  placeholder: string;
  seen: SeenValues;
  check: Check;
  onchange: (text: string) => void;
  onapply: () => void;
  onleave: () => void;
  /** A filter of the past: `by` -1 is the one before. Undefined: there is none. */
  recall: (by: -1 | 1) => string | undefined;
}

/**
 * A line to write a filter in. As CodeMirror's styles are constructed style sheets only in a shadow root, it lives in one: the
 * page's Content-Security-Policy refuses style elements.
 */
export function createFilterEditor(options: FilterEditorOptions): EditorView {
  const state = EditorState.create({
    extensions: [
      oneLine,
      history(),
      keys(options),
      autocompletion({
        override: [(context) => completion(context, options.seen)],
        defaultKeymap: false,
        // Enter applies what was typed unless a proposal was gone to.
        selectOnOpen: false,
        interactionDelay: 0,
        icons: false,
        maxRenderedOptions: 100,
      }),
      highlighting,
      mistakes(options.check),
      // As an element: as a string it would be told in an attribute that a combobox does not have.
      placeholder(() => hint(options.placeholder)),
      tooltips({ position: 'fixed' }),
      EditorView.contentAttributes.of((shown) => ({
        role: 'combobox',
        tabindex: '0',
        'aria-label': options.label,
        'aria-expanded': String(completionStatus(shown.state) === 'active'),
        autocapitalize: 'off',
      })),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) options.onchange(update.state.doc.toString());
      }),
      look,
    ],
  });
  const view = new EditorView({ state, parent: options.parent, root: options.parent });
  // It says so of every editor; of one with a single line it is not true.
  view.contentDOM.removeAttribute('aria-multiline');
  return view;
}

function hint(text: string): HTMLElement {
  const span = document.createElement('span');
  span.textContent = text;
  return span;
}

/** Puts another text into it, the cursor at its end. */
export function setText(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return;
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: text },
    selection: EditorSelection.cursor(joined(text).length),
  });
}

function keys({ onapply, onleave, recall }: FilterEditorOptions): Extension {
  const handled = (act: () => void) => () => {
    act();
    return true;
  };
  const turn = (by: -1 | 1) => (view: EditorView) => {
    if (completionStatus(view.state) === 'active') return false;
    const text = recall(by);
    if (text !== undefined) setText(view, text);
    return true;
  };
  return Prec.highest(
    keymap.of([
      ...completionKeymap,
      { key: 'Tab', run: takeFirst },
      { key: 'Enter', run: handled(onapply) },
      { key: 'Escape', run: handled(onleave), stopPropagation: true },
      { key: 'ArrowUp', run: turn(-1) },
      { key: 'ArrowDown', run: turn(1) },
      ...historyKeymap,
      ...defaultKeymap,
    ]),
  );
}

/** Tab takes the proposal that was gone to, or the first one. */
function takeFirst(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false;
  if (selectedCompletion(view.state) === null) moveCompletionSelection(true)(view);
  return acceptCompletion(view);
}

function completion(context: CompletionContext, seen: SeenValues): CompletionResult | null {
  const before = context.state.sliceDoc(0, context.pos);
  const found = proposals(before, seen, context.explicit);
  if (found === undefined || found.list.length === 0) return null;
  return { from: found.from, options: found.list.map((proposal, at) => option(proposal, at)) };
}

function option({ text, kind, detail, meaning }: Proposal, at: number): Completion {
  return {
    label: text,
    type: kind,
    detail,
    // Values and operators stay in their order: the most frequent and the most useful first.
    boost: kind === 'value' || kind === 'operator' ? 99 - at : 0,
    ...(meaning === undefined ? {} : { info: meaning }),
    apply: (view, _completion, from, to) => insert(view, text, kind, from, to),
  };
}

function insert(view: EditorView, text: string, kind: Proposal['kind'], from: number, to: number): void {
  const quote = view.state.sliceDoc(from - 1, from);
  // A value within quotes closes them.
  const closes = kind === 'value' && /["']/.test(quote);
  const closed = closes && view.state.sliceDoc(to, to + 1) === quote;
  const whole = closes ? text + quote : text;
  view.dispatch({
    changes: { from, to: closed ? to + 1 : to, insert: whole },
    selection: { anchor: from + whole.length },
    userEvent: 'input.complete',
  });
}

/** What is pasted with line ends becomes one line. */
const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (transaction.newDoc.lines === 1) return transaction;
  const text = transaction.newDoc.toString();
  return {
    changes: { from: 0, to: transaction.startState.doc.length, insert: joined(text) },
    selection: { anchor: joined(text.slice(0, transaction.newSelection.main.head)).length },
    userEvent: 'input.paste',
  };
});

function joined(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
