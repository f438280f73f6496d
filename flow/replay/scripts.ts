/** Requests as scripts that send them again: to $TARGET, with what was redacted in variables. */

import { missingOf, type ReplayRequest, type Text } from './request.ts';
import { shellQuote, shellText } from './shell.ts';

/** For bash. What was captured is hostile: nothing of it can end its quotes or be an option of curl. */
export function curlScript(requests: readonly ReplayRequest[]): string {
  const variables = [...new Set(requests.flatMap(missingOf))].sort();
  return [
    '#!/usr/bin/env bash',
    '# Made by `remora export --format curl`. Where to: TARGET=http://localhost:8080',
    'set -u',
    `: "\${TARGET:?says where to send the requests, as http://localhost:8080}"`,
    ...variables.map((name) => `: "\${${name}:?was redacted: give it a value}"`),
    ...requests.map((request) => `\n${curlOf(request)}`),
    '',
  ].join('\n');
}

function curlOf({ method, target, headers, body }: ReplayRequest): string {
  const parts = ['curl --globoff --path-as-is --silent --show-error --include'];
  parts.push(method === 'HEAD' ? '--head' : `-X ${shellQuote(method)}`);
  for (const [name, value] of headers) {
    // "Name;" is curl's way to send a field without a value.
    parts.push(`-H ${value.length === 0 ? shellQuote(`${name};`) : shellText([`${name}: `, ...value])}`);
  }
  if (body !== undefined) parts.push(`--data-raw ${shellText(body)}`);
  parts.push(`--url "$TARGET"${shellText(target)}`);
  return parts.join(' \\\n  ');
}

/** For k6 (https://k6.io): all requests in order, by each virtual user. */
export function k6Script(requests: readonly ReplayRequest[]): string {
  return [
    '// Made by `remora export --format k6`. k6 run -e TARGET=http://localhost:8080 FILE',
    "import http from 'k6/http';",
    '',
    'function given(name) {',
    '  if (!__ENV[name]) throw new Error(name + " is not given: k6 run -e NAME=VALUE");',
    '  return __ENV[name];',
    '}',
    '',
    'export default function () {',
    ...requests.map(k6Of),
    '}',
    '',
  ].join('\n');
}

function k6Of({ method, target, headers, body }: ReplayRequest): string {
  // A repeated field is one with all its values (RFC 9110 §5.3).
  const fields = new Map<string, Text>();
  for (const [name, value] of headers) {
    const before = fields.get(name.toLowerCase());
    fields.set(name.toLowerCase(), before === undefined ? value : [...before, ', ', ...value]);
  }
  const shown = [...fields].map(([name, value]) => `[${scriptText([name])}]: ${scriptText(value)}`);
  return (
    `  http.request(${scriptText([method])}, given('TARGET') + ${scriptText(target)}, ` +
    `${body === undefined ? 'null' : scriptText(body)}, { headers: { ${shown.join(', ')} }, redirects: 0 });`
  );
}

function scriptText(text: Text): string {
  if (text.length === 0) return '""';
  return text
    .map((piece) => (typeof piece === 'string' ? literal(piece) : `given(${literal(piece.redacted)})`))
    .join(' + ');
}

/** A string literal of printable ASCII. */
function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
