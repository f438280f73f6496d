/** Writes docs/fields.md from the field table: `npm run docs`. A test keeps the page equal to the table. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UNSEEN_FIELDS } from '../flow/fields/unseen.ts';
import { FIELDS } from '../flow/fields.ts';
import { FUNCTIONS } from '../flow/filter/functions.ts';

const INTRODUCTION = `# Fields

Made from \`flow/fields.ts\` and \`flow/filter/functions.ts\` by \`npm run docs\`; do not edit by hand.

These are the names a filter can use, in the page and with \`--filter\`. Filters are
[CEL](https://cel.dev): \`http && status_code >= 500 && dst.name == "orders"\`. What a flow does not have
reads as its type's default: \`false\`, \`0\`, \`""\`, an empty map. \`matches\` takes RE2 patterns.
CEL has more functions than those listed at the end of this page.
`;

const OF_OTHERS = `## Of other protocols

A filter made for Kubeshark (KFL2) may also name what is told there of other protocols and of connections without HTTP. This
version sees none of it, so these are \`false\`, \`0\`, \`""\` or empty, and \`grpc_status\` is -1:
`;

export function fieldsReference(): string {
  const fields = FIELDS.map(({ name, type, unit, meaning, example }) => [
    code(name),
    unit === undefined ? type : `${type}, ${unit}`,
    ...[meaning, code(example)],
  ]);
  const functions = FUNCTIONS.map(({ name, of, parameters, meaning, example }) => [
    code(`${of.length > 0 ? '.' : ''}${name}(${parameters.join(', ')})`),
    ...[of.join(', '), meaning, code(example)],
  ]);
  return [
    INTRODUCTION,
    table(['field', 'type', 'meaning', 'example'], fields),
    OF_OTHERS,
    `${UNSEEN_FIELDS.map(({ name }) => code(name)).join(', ')}.\n`,
    '## Functions\n',
    table(['function', 'of', 'meaning', 'example'], functions),
  ].join('\n');
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/fields.md', import.meta.url), fieldsReference());
}
