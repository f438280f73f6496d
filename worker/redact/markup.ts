import {
  AMPERSAND,
  APOSTROPHE,
  COLON,
  EQUALS,
  equalsFolded,
  GREATER,
  isLetter,
  LESS,
  LETTERS_AND_DIGITS,
  QUOTE,
  SLASH,
  skip,
  startsWith,
  tableOf,
  WHITE,
} from './octets.ts';
import { Verdict } from './policy.ts';
import type { Scan } from './scan.ts';
import { Replacement } from './spans.ts';

/**
 * XML, SOAP and HTML: elements and attributes by their local name, `<field name="password">x</field>` and
 * `<input name="token" value="x">` by what they name. Reads leniently: what is no tag is text.
 */

/** XML 1.0 §2.3, ASCII part; HTML allows more, but not these. */
const NAME_OCTETS = tableOf(`${LETTERS_AND_DIGITS}_-.:`).fill(1, 0x80);

export function findMarkup(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): void {
  let i = start;
  while (i < end) {
    if (data[i] === LESS) {
      const behind = startsWith(data, i, end, CDATA) ? i + CDATA.length : findTag(scan, data, i, end, open);
      const tagEnd = behind === i + 1 ? closeOfTag(data, behind, end) : -1;
      // A tag that is not special: its attributes read as text.
      if (tagEnd > behind) findRun(scan, data, behind, tagEnd, open && tagEnd === end);
      i = tagEnd > behind ? tagEnd : behind;
    }
    let stop = i;
    while (stop < end && data[stop] !== LESS) stop++;
    findRun(scan, data, i, stop, open && stop === end);
    i = stop;
  }
}

const CDATA = '<![CDATA[';

function findRun(scan: Scan, data: Uint8Array, start: number, end: number, open: boolean): void {
  let coded = false;
  for (let i = start; i < end && !coded; i++) coded = data[i] === AMPERSAND;
  if (coded) scan.nested('entities', data, start, end, open);
  else scan.brief(data, start, end, open);
}

/**
 * `<` at `at`. Answers the end of the secret element, the end of a tag that names a secret, or in all other
 * cases the next octet: what `name=value` finds in the tag is enough then.
 */
export function findTag(scan: Scan, data: Uint8Array, at: number, end: number, open: boolean): number {
  const nameStart = at + 1;
  if (nameStart >= end || !isLetter(data[nameStart])) return nameStart;
  const nameEnd = skip(NAME_OCTETS, data, nameStart, end);
  const tagEnd = closeOfTag(data, nameEnd, end);
  if (tagEnd < 0 || (tagEnd === end && !open)) return nameStart;
  const named = tagEnd > nameEnd && namesSecret(scan, data, nameEnd, tagEnd);
  if (!named && !isSensitive(scan, data, nameStart, nameEnd)) return nameStart;
  findAttributes(scan, data, nameEnd, tagEnd, named, open);
  if (tagEnd === end) return end;
  const from = tagEnd + 1;
  const isVoid = VOID_ELEMENTS.some((name) => equalsFolded(data, nameStart, nameEnd, name));
  if (data[tagEnd - 1] === SLASH || isVoid) return from;
  const to = elementEnd(data, nameStart, nameEnd, from, end);
  const cdata = startsWith(data, from, to, CDATA) && startsWith(data, to - 3, to, ']]>');
  if (cdata) scan.spans.add(from + CDATA.length, to - 3, Replacement.plain);
  else scan.spans.add(from, to, Replacement.plain);
  return to;
}

/** HTML elements with attributes that may name something and with no content. */
const VOID_ELEMENTS = ['input', 'meta', 'param', 'link', 'img', 'br', 'hr'];
const NAMING_ATTRIBUTES = ['name', 'key', 'id', 'property', 'field', 'type', 'itemprop'];
const NAMED_ATTRIBUTES = ['value', 'content', 'val', 'data'];

/** The `>` of the tag, quotes honoured; `end` if the tag is cut off, -1 if a `<` says that it is none. */
function closeOfTag(data: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const octet = data[i];
    if (octet === GREATER) return i;
    if (octet === LESS) return -1;
    if ((octet === QUOTE || octet === APOSTROPHE) && i > at && data[i - 1] === EQUALS) {
      i++;
      while (i < end && data[i] !== octet) i++;
    }
  }
  return end;
}

function isSensitive(scan: Scan, data: Uint8Array, start: number, end: number): boolean {
  let local = start;
  for (let i = start; i < end; i++) if (data[i] === COLON) local = i + 1;
  return scan.policy.isSensitive(data, local, end);
}

/** One attribute: `[name, nameEnd)` and `[value, valueEnd)` of the one at or behind `at`. Used again. */
class Attribute {
  name = 0;
  nameEnd = 0;
  value = 0;
  valueEnd = 0;

  /** Answers where to read on, or -1 where no attribute is left. */
  read(data: Uint8Array, at: number, end: number): number {
    this.name = at;
    while (this.name < end && NAME_OCTETS[data[this.name]] === 0) this.name++;
    if (this.name === end) return -1;
    this.nameEnd = skip(NAME_OCTETS, data, this.name, end);
    this.value = this.valueEnd = this.nameEnd;
    const equals = skip(WHITE, data, this.nameEnd, end);
    if (equals >= end || data[equals] !== EQUALS) return this.nameEnd;
    const from = skip(WHITE, data, equals + 1, end);
    const quote = data[from];
    if (from < end && (quote === QUOTE || quote === APOSTROPHE)) {
      this.value = this.valueEnd = from + 1;
      while (this.valueEnd < end && data[this.valueEnd] !== quote) this.valueEnd++;
      return this.valueEnd + 1;
    }
    this.value = this.valueEnd = from;
    while (this.valueEnd < end && WHITE[data[this.valueEnd]] === 0) this.valueEnd++;
    return this.valueEnd;
  }
}

function namesSecret(scan: Scan, data: Uint8Array, start: number, end: number): boolean {
  const attribute = new Attribute();
  for (let i = start; i >= 0 && i < end; ) {
    i = attribute.read(data, i, end);
    if (i < 0) return false;
    const naming = NAMING_ATTRIBUTES.some((name) =>
      equalsFolded(data, attribute.name, attribute.nameEnd, name),
    );
    if (naming && isNamedSecret(scan, data, attribute)) return true;
  }
  return false;
}

function isNamedSecret(scan: Scan, data: Uint8Array, { value, valueEnd }: Attribute): boolean {
  return (scan.judgeCoded('entities', data, value, valueEnd) & Verdict.sensitive) !== 0;
}

function findAttributes(
  scan: Scan,
  data: Uint8Array,
  start: number,
  end: number,
  named: boolean,
  open: boolean,
): void {
  const attribute = new Attribute();
  for (let i = start; i < end; ) {
    i = attribute.read(data, i, end);
    if (i < 0) return;
    const { name, nameEnd, value, valueEnd } = attribute;
    if (value === nameEnd) continue;
    const isNamed = named && NAMED_ATTRIBUTES.some((text) => equalsFolded(data, name, nameEnd, text));
    if (isNamed || isSensitive(scan, data, name, nameEnd)) scan.spans.add(value, valueEnd, Replacement.plain);
    else findRun(scan, data, value, valueEnd, open && valueEnd === end);
  }
}

/** The `</` that closes the element whose content begins at `from`; `end` if it is not there. */
function elementEnd(data: Uint8Array, nameStart: number, nameEnd: number, from: number, end: number): number {
  let depth = 1;
  for (let i = from; i < end; i++) {
    if (data[i] !== LESS) continue;
    const closing = data[i + 1] === SLASH;
    const at = closing ? i + 2 : i + 1;
    if (!isSameName(data, nameStart, nameEnd, at, end)) continue;
    if (!closing) {
      const tagEnd = closeOfTag(data, at, end);
      if (tagEnd === end) return end;
      if (tagEnd < 0 || data[tagEnd - 1] !== SLASH) depth++;
      if (tagEnd > i) i = tagEnd;
    } else if (--depth === 0) return i;
  }
  return end;
}

/** In any case, as HTML has it. */
function isSameName(data: Uint8Array, nameStart: number, nameEnd: number, at: number, end: number): boolean {
  const length = nameEnd - nameStart;
  if (at + length > end || NAME_OCTETS[data[at + length]] === 1) return false;
  for (let i = 0; i < length; i++) {
    const one = data[nameStart + i];
    const other = data[at + i];
    if (one !== other && !(isLetter(one) && (one | 0x20) === (other | 0x20))) return false;
  }
  return true;
}
