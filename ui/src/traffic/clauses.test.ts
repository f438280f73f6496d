import { expect, test } from 'vitest';
import { hasClause, literal, withClause, withoutClause } from './clauses.ts';

test('a clause is put to a filter and taken away again', () => {
  expect(withClause('', 'status >= 500')).toBe('status >= 500');
  expect(withClause('method == "GET"', 'status >= 500')).toBe('method == "GET" && status >= 500');
  expect(withoutClause('method == "GET" && status >= 500', 'status >= 500')).toBe('method == "GET"');
  expect(withoutClause('status >= 500', 'status >= 500')).toBe('');
  expect(withClause('a && b', 'b')).toBe('a && b');
  expect(withClause('a && b', 'b && c')).toBe('a && b && c');
});

test('alternatives keep their brackets and lose them when alone again', () => {
  const both = withClause('a || b', 'status == 0 || status >= 500');
  expect(both).toBe('(a || b) && (status == 0 || status >= 500)');
  expect(hasClause(both, 'status == 0 || status >= 500')).toBe(true);
  expect(withoutClause(both, 'status == 0 || status >= 500')).toBe('a || b');
  expect(withClause('a ? b : c', 'd')).toBe('(a ? b : c) && d');
});

test('operators in strings and brackets are not operators', () => {
  expect(hasClause('path == "a && b"', 'b"')).toBe(false);
  expect(withClause('path == "x || \\" y"', 'z')).toBe('path == "x || \\" y" && z');
  expect(hasClause('(a && b) && c', 'c')).toBe(true);
  expect(withClause('(a) && (b)', 'c')).toBe('a && b && c');
});

test('captured text becomes a string of CEL and nothing more', () => {
  expect(literal('x" || true || "')).toBe('"x\\" || true || \\""');
  expect(literal('line\nend\u202e\\')).toBe('"line\\nend\\u202e\\\\"');
});
