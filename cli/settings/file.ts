/** Settings files: YAML, one flat mapping from a setting's name to its value. */

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { CliError, usageError } from '../errors.ts';
import { SETTING_KEYS, SETTINGS, type SettingKey } from './table.ts';

export interface FileEntry {
  key: SettingKey;
  raw: unknown;
  /** `remora.yaml:3`, for messages. */
  place: string;
  /** What relative paths in it are against. */
  base: string;
}

/** A settings file larger than this is not one. */
const MAX_FILE_BYTES = 256 * 1024;

/** Each entry of the file; none if there is no such file. Unknown names and broken YAML are usage errors. */
export function readSettingsFile(file: string): FileEntry[] {
  const source = readIfThere(file);
  if (source === undefined) return [];
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`;

  const [problem] = document.errors;
  if (problem) throw usageError(`${at(problem.pos[0])}: ${problem.message}`);
  const root = document.contents;
  if (root === null) return [];
  if (!isMap(root)) throw usageError(`${file}: expected lines of the form "name: value"`);

  return root.items.map(({ key: node, value }) => {
    const name = isScalar(node) ? String(node.value) : '';
    const place = at(isScalar(node) ? (node.range?.[0] ?? 0) : 0);
    const key = SETTING_KEYS.find((candidate) => SETTINGS[candidate].name === name);
    if (key === undefined) throw usageError(`${place}: unknown setting "${name}"`, advice(name));
    const raw = isNode(value) ? plain(value, document, place) : value;
    return { key, raw, place, base: dirname(file) };
  });
}

function plain(node: Node, document: Document, place: string): unknown {
  try {
    return node.toJS(document);
  } catch (error) {
    // Aliases without an anchor, or so many that they are an attack.
    throw usageError(`${place}: ${(error as Error).message}`);
  }
}

function advice(name: string): string {
  if (name === 'redact' || name === 'no-redact') {
    return 'Redaction can be turned off on the command line only, with --no-redact --yes-show-secrets.';
  }
  return `Known settings: ${SETTING_KEYS.map((key) => SETTINGS[key].name).join(', ')}.`;
}

function readIfThere(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CliError('SETTINGS_FILE', `cannot read ${file} (${code})`, {
      remedy: 'Make it readable, or move it away.',
      cause,
    });
  }
  if (bytes.length > MAX_FILE_BYTES) throw usageError(`${file} is too large for a settings file`);
  return bytes.toString('utf8');
}
