import { Words } from '../../words.ts';
import type { Message } from '../message.ts';
import { LineMemo } from './line-memo.ts';
import { COLON, CR, findLineFeed, isBlank, LF, TOKEN, VALUE } from './octets.ts';
import { Problem } from './start-line.ts';

/**
 * Field lines of a head or of trailers (RFC 9112 §5), each read when the whole line is there. A line that
 * breaks the rules is kept as well as can be, and the message marked.
 */

export const FieldProblem = {
  name: 'Field name is not a token (RFC 9110 §5.1)',
  colon: 'Field line without a colon (RFC 9112 §5)',
  spaceBeforeColon: 'White space between field name and colon (RFC 9112 §5.1)',
  value: 'Control character in a field value (RFC 9110 §5.5)',
  fold: 'Folded field line (RFC 9112 §5.2)',
  spaceBeforeFields: 'White space before the first field line (RFC 9112 §2.2)',
} as const;

/** Reads field lines. Holds nothing of a message between two calls. */
export class FieldReader {
  private readonly memo = new LineMemo();
  private readonly words = new Words();

  /**
   * Reads the lines that are whole in `source[start, limit)`. Returns the index of the first line that is not;
   * or, when the empty line that ends the section was read, `~index` of what comes after it.
   * Offsets in the message count from `base`; `trailers` says that the fields are trailers.
   */
  read(
    message: Message,
    source: Uint8Array,
    start: number,
    limit: number,
    base: number,
    trailers: boolean,
  ): number {
    const { memo } = this;
    const words = this.words.of(source);
    let context = LineMemo.begin(message.status, message.methodEnd);
    let at = start;
    while (at < limit) {
      const known = memo.guess(context, words, at, limit);
      if (known >= 0) {
        context = known;
        memo.addField(message, known, at - base);
        at += memo.lengths[known];
        if (trailers) message.trailerCount++;
        continue;
      }
      let nameEnd = at;
      while (nameEnd < limit && TOKEN[source[nameEnd]] === 1) nameEnd++;
      if (nameEnd > at && nameEnd < limit && source[nameEnd] === COLON) {
        let value = nameEnd + 1;
        while (value < limit && isBlank(source[value])) value++;
        let end = endOfText(source, words, value, limit);
        if (end + 1 < limit && source[end] === CR && source[end + 1] === LF) {
          const next = end + 2;
          while (end > value && isBlank(source[end - 1])) end--;
          const slot = memo.look(context, source, words, at, nameEnd, value, end, next);
          if (slot >= 0) memo.addField(message, slot, at - base);
          else message.addField(at - base, nameEnd - base, value - base, end - base, 0);
          context = slot >= 0 ? slot : LineMemo.after(context);
          if (trailers) message.trailerCount++;
          at = next;
          continue;
        }
      }
      const next = readOddLine(message, source, at, limit, base, trailers);
      if (next < 0 || next === at) return next;
      at = next;
    }
    return at;
  }
}

/** Index of the first octet in `source[start, limit)` that a field value may not hold, or `limit`. */
function endOfText(source: Uint8Array, words: DataView, start: number, limit: number): number {
  let i = start;
  // Four octets at a time: the high bit of each octet of the sum is set where it is below 0x20 or is 0x7f.
  for (const last = limit - 4; i <= last; i += 4) {
    const word = words.getInt32(i, true);
    if ((((word - 0x20202020) | (word + 0x01010101)) & ~word & 0x80808080) !== 0) break;
  }
  while (i < limit && VALUE[source[i]] === 1) i++;
  return i;
}

/** The empty line, a line that goes on past `limit`, and everything that is not plainly `name: value CRLF`. */
function readOddLine(
  message: Message,
  source: Uint8Array,
  start: number,
  limit: number,
  base: number,
  trailers: boolean,
): number {
  const lf = findLineFeed(source, start, limit);
  if (lf < 0) return start;
  let end = lf;
  if (lf > start && source[lf - 1] === CR) end--;
  else message.malform(Problem.bareLf);
  if (end === start) return ~(lf + 1);

  if (isBlank(source[start])) {
    const isFirst = trailers ? message.trailerCount === 0 : message.fieldCount === 0;
    message.malform(isFirst ? FieldProblem.spaceBeforeFields : FieldProblem.fold);
    if (!isFirst) foldIntoLastField(message, source, start, end, base);
    return lf + 1;
  }

  let colon = start;
  while (colon < end && source[colon] !== COLON) colon++;
  const hasColon = colon < end;
  if (!hasColon) message.malform(FieldProblem.colon);
  const nameEnd = hasColon ? checkedNameEnd(message, source, start, colon) : start;
  let value = hasColon ? colon + 1 : start;
  while (value < end && isBlank(source[value])) value++;
  checkValue(message, source, value, end);
  while (end > value && isBlank(source[end - 1])) end--;
  message.addField(start - base, nameEnd - base, value - base, end - base, 0);
  if (trailers) message.trailerCount++;
  return lf + 1;
}

/** Marks what can be known to be wrong in a field line whose end is missing. */
export function checkCutLine(message: Message, source: Uint8Array, start: number, end: number): void {
  if (start === end) return;
  if (isBlank(source[start])) {
    message.malform(message.fieldCount === 0 ? FieldProblem.spaceBeforeFields : FieldProblem.fold);
  }
  checkValue(message, source, start, end - 1);
}

function checkedNameEnd(message: Message, source: Uint8Array, start: number, colon: number): number {
  let end = colon;
  while (end > start && isBlank(source[end - 1])) end--;
  if (end !== colon) message.malform(FieldProblem.spaceBeforeColon);
  if (end === start) message.malform(FieldProblem.name);
  for (let i = start; i < end; i++) {
    if (TOKEN[source[i]] === 0) message.malform(source[i] === CR ? Problem.bareCr : FieldProblem.name);
  }
  return end;
}

function checkValue(message: Message, source: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (VALUE[source[i]] === 0) message.malform(source[i] === CR ? Problem.bareCr : FieldProblem.value);
  }
}

/** obs-fold: the value goes on to the end of this line, line ends included. */
function foldIntoLastField(
  message: Message,
  source: Uint8Array,
  start: number,
  lineEnd: number,
  base: number,
): void {
  let from = start;
  let end = lineEnd;
  while (from < end && isBlank(source[from])) from++;
  while (end > from && isBlank(source[end - 1])) end--;
  checkValue(message, source, from, end);
  if (from === end) return;
  const last = (message.fieldCount - 1) << 2;
  const fields = message.fields;
  if (fields[last + 2] === fields[last + 3]) fields[last + 2] = from - base;
  fields[last + 3] = end - base;
  message.lines[message.fieldCount - 1] = 0;
}
