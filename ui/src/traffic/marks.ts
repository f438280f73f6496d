import type { Completeness } from '../../../flow/flow.ts';

/** What is known to be missing or wrong: a word for the list and a sentence for the detail. */
export const MARKS: Record<Exclude<Completeness, 'complete'>, { word: string; sentence: string }> = {
  gap: {
    word: 'gap',
    sentence:
      'Some bytes of it were never captured. They are left out where they are missing; what is shown was really sent.',
  },
  midstream: {
    word: 'midstream',
    sentence: 'The capture began when the connection was already open, so the beginning may be missing.',
  },
  'one-sided': {
    word: 'one side',
    sentence:
      'Only the request or only the answer was seen: there was no answer, or it went a way that no worker watches.',
  },
  conflict: {
    word: 'conflict',
    sentence:
      'The same place of the stream was sent twice with different bytes. The first copy is shown, as Linux would read it.',
  },
  truncated: {
    word: 'truncated',
    sentence: 'It is longer than what is kept. Sizes are true; to keep more, start with a larger --max-body.',
  },
  cut: {
    word: 'cut',
    sentence: 'The connection or the capture ended before it was over.',
  },
  malformed: {
    word: 'malformed',
    sentence: 'It is not valid HTTP. It is shown as far as it could be read.',
  },
};

/** The marks of a flow, in the order of their table; a complete one has none. */
export function marksOf(
  completeness: readonly Completeness[],
): { id: string; word: string; sentence: string }[] {
  return completeness.flatMap((id) =>
    id === 'complete' ? [] : [{ id, ...(MARKS[id] ?? { word: String(id).slice(0, 20), sentence: '' }) }],
  );
}
