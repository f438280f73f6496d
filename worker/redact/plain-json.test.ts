import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apply } from '../../test/redact/redact.ts';
import { Finder } from './finder.ts';
import { createPolicy } from './policy.ts';

/** So much behind a text, the short way is taken up to its end; with nothing behind it, a short text is read without it. */
const BEHIND = 1024;

const leaf = fc.oneof(
  fc.constantFrom(
    'striped sock',
    'basic dXNlcjpwYXNz',
    'a bearer abcdefgh',
    'the bearer of news',
    'x-1.b_A',
    'naïve',
    'a"b',
    '2024-05-01T10:00:00Z',
    'k=v',
    'password: hunter',
    '4111111111111111',
    'token',
  ),
  fc.constantFrom(4111111111111111, 411111111111, -7, 1.5, 1e21, true, false, null),
  fc.string({ maxLength: 12 }),
);
const name = fc.constantFrom('id', 'name', 'value', 'key', 'price', 'apiKey', 'a', 'tags', 'é', 'user"s');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));
const text = fc
  .tuple(fc.array(value, { maxLength: 3 }), fc.constantFrom('', ' ', '\n  ', '\t'))
  .map(([values, indent]) => JSON.stringify(values, null, indent));
const OCTETS = '"\\{}[],:0 9-.ate\n\u0001é';

/** What becomes of the text: read as JSON or not, and with which octets in the place of secrets. */
function read(finder: Finder, text: string, behind: string, open: boolean): string {
  const data = Buffer.from(text + behind.repeat(BEHIND));
  const end = Buffer.byteLength(text);
  finder.spans.clear();
  const answer = finder.json(data, 0, end, open);
  return `${answer} ${apply(data, 0, end, finder.spans)}`;
}

test('the short way finds what the long one finds, in JSON and in what is nearly JSON', () => {
  const policy = createPolicy();
  const practised = new Finder(policy);
  fc.assert(
    fc.property(
      text,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...OCTETS, '')), { maxLength: 2 }),
      fc.boolean(),
      fc.constantFrom('\0', ' ', '"', '}', ',', 'a', '7'),
      (json, changes, open, behind) => {
        let changed = json;
        for (const [at, octet] of changes) {
          const place = at % (changed.length + 1);
          changed = changed.slice(0, place) + octet + changed.slice(place + 1);
        }
        const plainly = read(new Finder(createPolicy()), changed, '', open);
        read(practised, json, ' ', false);
        expect(read(practised, changed, behind, open)).toBe(plainly);
      },
    ),
    { numRuns: 1000 },
  );
});

test.each([' ', '\n', ',', '"a":"b ', '[', '{"a":'])(
  '%j over and over takes time by its length only',
  (unit) => {
    const finder = new Finder(createPolicy());
    const time = (length: number) => {
      const data = Buffer.from(`{"a":1${unit.repeat(length / unit.length)}${' '.repeat(BEHIND)}`);
      const start = performance.now();
      for (let i = 0; i < 8; i++) finder.json(data, 0, data.length - BEHIND, false);
      return performance.now() - start;
    };
    time(1000);
    // A megabyte octet by octet, and again from each octet on, would take minutes.
    expect(time(1 << 20)).toBeLessThan(5000);
  },
);
