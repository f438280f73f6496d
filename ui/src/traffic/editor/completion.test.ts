import { expect, test } from 'vitest';
import { FIELDS } from '../../../../flow/fields.ts';
import { compileFilter } from '../../../../flow/filter.ts';
import { proposals, type SeenValues } from './completion.ts';

const SEEN: Record<string, string[]> = {
  'dst.name': ['orders', 'cart "new"'],
  status_code: ['200', '503'],
  path: ['/api'],
};
const seen: SeenValues = ({ name }) => SEEN[name] ?? [];
const at = (before: string, asked = false) => {
  const found = proposals(before, seen, asked);
  return found === undefined ? undefined : { from: found.from, texts: found.list.map(({ text }) => text) };
};

test('a name begun is a field, a ready word or a function', () => {
  const { from, texts } = at('http && st')!;
  expect(from).toBe(8);
  expect(texts).toEqual(expect.arrayContaining(['status_code', 'slow', 'size(', 'now()']));
  expect(at('dst.pod.na')).toMatchObject({ from: 0, texts: expect.arrayContaining(['dst.pod.name']) });
  expect(at('!(src.')).toMatchObject({ from: 2, texts: expect.arrayContaining(['src.ip']) });
});

test('behind the dot of a field are the functions of its type', () => {
  expect(at('path.')).toMatchObject({ from: 5, texts: expect.arrayContaining(['startsWith(']) });
  expect(at('error || path.sta')).toMatchObject({ from: 14 });
  expect(at('completeness.')!.texts).toContain('exists(');
  expect(at('completeness.')!.texts).not.toContain('startsWith(');
  expect(at('request.headers["a"].con')!.texts).toContain('contains(');
  expect(at('request.json.a.b.')!.texts).toContain('exists(');
  expect(at('status_code.')!.texts).toEqual([]);
});

test('behind a comparison are the values that were seen', () => {
  expect(at('dst.name == ')).toEqual({ from: 12, texts: ['"orders"', '"cart \\"new\\""'] });
  expect(at('dst.name == "or')).toEqual({ from: 13, texts: ['orders', 'cart \\"new\\"'] });
  expect(at('status_code in [200, ')).toEqual({ from: 21, texts: ['200', '503'] });
  expect(at('path.startsWith("/')).toEqual({ from: 17, texts: ['/api'] });
  expect(at('dst.name == or')!.texts.slice(0, 2)).toEqual(['"orders"', '"cart \\"new\\""']);
});

test('behind a field are the operators that its type has', () => {
  expect(at('dst.name ')!.texts).toEqual(['== ', '!= ', 'in [']);
  expect(at('slow ')!.texts).toEqual(['&& ', '|| ']);
  expect(at('request.json.total ')!.texts).toContain('== ');
});

test('in numbers, in text that is compared with nothing and behind what is complete nothing is proposed', () => {
  for (const text of [
    'status_code >= 5',
    '"some',
    'dst.name == "orders"',
    'dst.name == "orders" ',
    '',
    'x ',
  ]) {
    expect(at(text), text).toBeUndefined();
  }
  expect(at('', true)!.texts.length).toBeGreaterThan(FIELDS.length);
});

test('what is proposed for a field can be used', () => {
  for (const { name, type } of FIELDS) {
    const operator = at(`${name} `)?.texts[0];
    if (operator?.startsWith('==')) {
      const filter = `${name} ${operator}${type === 'int' ? '1' : '"a"'}`;
      expect(() => compileFilter(filter), filter).not.toThrow();
    }
  }
});
