/**
 * Changes one setting in the text of a settings file. What a person wrote there stays: comments, order, other
 * settings.
 */

import { isDeepStrictEqual } from 'node:util';
import { type Document, isCollection, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { usageError } from '../errors.ts';
import type { Setting } from './table.ts';
import { fileValue, yamlValue } from './template.ts';

/** The text with the setting set. `file` is for messages. Throws a usage error where the text is no settings file. */
export function withSetting(source: string, file: string, setting: Setting<unknown>, value: unknown): string {
  const document = parse(source, file);
  const { name } = setting;
  const wanted = fileValue(setting, value);
  if (!document.has(name)) {
    const expected = JSON.stringify({ ...document.toJS(), [name]: wanted });
    // Text first, as it leaves everything else as it is. But what looks like the right place may not be one.
    for (const changed of [uncommented(source, name, wanted), appended(source, name, wanted)]) {
      if (changed !== undefined && readsAs(changed, expected)) return changed;
    }
  }
  replaceValue(document, name, wanted);
  return print(document, source);
}

/** The text without the setting; undefined where it is not set there. */
export function withoutSetting(source: string, file: string, name: string): string | undefined {
  const document = parse(source, file);
  return document.delete(name) ? print(document, source) : undefined;
}

function parse(source: string, file: string): Document {
  const lineCounter = new LineCounter();
  const document = parseDocument(source, { lineCounter, prettyErrors: false });
  const [problem] = document.errors;
  if (problem) {
    const { line } = lineCounter.linePos(problem.pos[0]);
    throw usageError(`${file}:${line}: ${problem.message}`, 'Mend the file by hand first.');
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw usageError(`${file}: expected lines of the form "name: value"`, 'Mend the file by hand first.');
  }
  // A file of comments alone has no mapping yet, and one that is empty in braces prints as it should not.
  return document as Document;
}

/** In place where it can be, so that a comment behind the old value stays. */
function replaceValue(document: Document, name: string, value: unknown): void {
  const old = document.get(name, true);
  const node = document.createNode(value, { flow: true });
  if (isScalar(old) || isCollection(old)) {
    node.comment = old.comment ?? null;
    node.commentBefore = old.commentBefore ?? null;
  }
  document.set(name, node);
}

/** `--init` leaves a line for each setting: the value goes there. */
function uncommented(source: string, name: string, value: unknown): string | undefined {
  const line = new RegExp(`^#[ \\t]?${name}:.*$`, 'm');
  if (!line.test(source)) return undefined;
  return source.replace(line, () => `${name}: ${yamlValue(value)}`);
}

function appended(source: string, name: string, value: unknown): string {
  const separator = source === '' || source.endsWith('\n') ? '' : '\n';
  return `${source}${separator}${name}: ${yamlValue(value)}\n`;
}

/** The order of the names does not count. */
function readsAs(source: string, expected: string): boolean {
  const document = parseDocument(source, { prettyErrors: false });
  if (document.errors.length > 0) return false;
  return isDeepStrictEqual(document.toJS(), JSON.parse(expected));
}

function print(document: Document, source: string): string {
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return source.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}
