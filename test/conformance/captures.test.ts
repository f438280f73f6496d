import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { CORPORA, hasCorpora } from './corpora.ts';
import { readExpected } from './expected.ts';
import { readCapture } from './read-capture.ts';

const captures = hasCorpora ? readExpected(CORPORA) : [];

describe.skipIf(!hasCorpora)(
  'captures of other projects: every exchange that is there, and none that is not',
  () => {
    test.each(captures.map((capture) => [capture.name, capture] as const))('%s', async (_, capture) => {
      const { flows } = await readCapture(capture.path);
      const { expected, matched, extra, differences } = compare(capture, flows);
      expect({ matched, extra }, differences.join('\n')).toEqual({ matched: expected, extra: 0 });
    });
  },
);
