import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fieldsReference } from '../scripts/fields-reference.ts';

test('docs/fields.md is what the table makes (npm run docs)', () => {
  expect(readFileSync(new URL('../docs/fields.md', import.meta.url), 'utf8')).toBe(fieldsReference());
});
