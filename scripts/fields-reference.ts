/** Writes docs/fields.md from the field table: `npm run docs`. A test keeps the page equal to the table. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FIELDS } from '../flow/fields.ts';

const INTRODUCTION = `# Fields

Made from \`flow/fields.ts\` by \`npm run docs\`; do not edit by hand.

These are the names a filter can use, in the page and with \`--filter\`. Filters are
[CEL](https://cel.dev): \`http && status_code >= 500 && dst.name == "orders"\`. What a flow does not have
reads as its type's default: \`false\`, \`0\`, \`""\`, an empty map. \`matches\` takes RE2 patterns.
Beside CEL's own functions there are \`map_get(map, key)\`, \`map_get(map, key, default)\` and \`now()\`.
`;

export function fieldsReference(): string {
  const rows = FIELDS.map((field) => {
    const type = field.unit === undefined ? field.type : `${field.type}, ${field.unit}`;
    return `| \`${field.name}\` | ${type} | ${field.meaning} | \`${field.example.replaceAll('|', '\\|')}\` |`;
  });
  return `${INTRODUCTION}\n| field | type | meaning | example |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/fields.md', import.meta.url), fieldsReference());
}
