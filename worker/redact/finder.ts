import { Words } from '../words.ts';
import { Decoded } from './decoded.ts';
import { findHeader, findRequestTarget } from './header.ts';
import { findJson, Json } from './json.ts';
import { findMarkup, findTag } from './markup.ts';
import { MAX_NAME } from './name-matcher.ts';
import { LESS, OPEN_BRACE, OPEN_BRACKET, PERCENT, skip, WHITE } from './octets.ts';
import { type Policy, Verdict } from './policy.ts';
import { type Coding, Depths, type Scan } from './scan.ts';
import { Replacement, Spans } from './spans.ts';
import { findText } from './text.ts';
import { deservesLook, traitsOf } from './traits.ts';
import { findAuthority, findPairs, findUrl } from './url.ts';

/** Codings inside codings that are undone; what is deeper is redacted unseen. */
const MAX_NESTING = 4;
/** URLs inside URLs whose queries are read as such; deeper ones are read as text. */
const MAX_URLS = 4;
/** `%2570assword`: how often a name is decoded. */
const MAX_NAME_CODINGS = 3;

/** Header lines about which it is remembered that they are harmless. */
const LINES = 1024;
const LINE_MASK = LINES - 1;

/** What a coding inside another needs of its own. */
class Level {
  readonly decoded = new Decoded();
  readonly spans = new Spans();
  readonly depths = new Depths();
}

/**
 * Finds secrets and yields spans; changes nothing. The spans of one find after another go to `spans` in
 * ascending order, so the ranges must be given in that order, or `spans` cleared between.
 */
export class Finder implements Scan {
  readonly policy: Policy;
  spans: Spans;
  depths: Depths;
  readonly words = new Words();
  readonly #levels = Array.from({ length: MAX_NESTING }, () => new Level());
  readonly #names = [new Decoded(), new Decoded()] as const;
  /** Numbers of header lines in which nothing was found: most are sent again and again. */
  readonly #harmless = new Int32Array(LINES);
  #level = 0;
  #urls = 0;

  constructor(policy: Policy, spans = new Spans()) {
    this.policy = policy;
    this.spans = spans;
    this.depths = new Depths();
  }

  /**
   * A header or trailer field: name and value in that order in one buffer, with what stands between them. `open`: the
   * head was cut off in it. `line`: its number in the message, the same for each field with the same octets; or 0.
   */
  header(
    data: Uint8Array,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    open = false,
    line = 0,
  ): void {
    if (!this.policy.enabled) return;
    const isKnown = line !== 0 && !open;
    if (isKnown && this.#harmless[line & LINE_MASK] === line) return;
    const before = this.spans.count;
    findHeader(this, data, nameStart, nameEnd, valueStart, valueEnd, open);
    if (isKnown && this.spans.count === before) this.#harmless[line & LINE_MASK] = line;
  }

  /** A request-target in any of its four forms; `open` as above. */
  target(data: Uint8Array, start: number, end: number, open = false): void {
    if (this.policy.enabled) findRequestTarget(this, data, start, end, open);
  }

  /** Whether it is JSON (one value or several). If not, no span is left of the attempt. */
  json(data: Uint8Array, start: number, end: number, open: boolean): Json {
    const { spans } = this;
    const before = spans.count;
    const answer = findJson(this, data, start, end, open);
    if (answer === Json.no) spans.count = before;
    return answer;
  }

  form(data: Uint8Array, start: number, end: number, open: boolean): void {
    findPairs(this, 'form', data, start, end, open);
  }

  markup(data: Uint8Array, start: number, end: number, open: boolean): void {
    findMarkup(this, data, start, end, open);
  }

  text(data: Uint8Array, start: number, end: number, open: boolean): void {
    findText(this, data, start, end, open);
  }

  brief(data: Uint8Array, start: number, end: number, open: boolean): void {
    if (open || deservesLook(traitsOf(data, start, end), data, start, end))
      findText(this, data, start, end, open);
  }

  /** JSON, markup or text by its first octet. */
  sniffed(data: Uint8Array, start: number, end: number, open: boolean): void {
    const first = skip(WHITE, data, start, end);
    const octet = first < end ? data[first] : 0;
    if ((octet === OPEN_BRACE || octet === OPEN_BRACKET) && this.json(data, first, end, open) !== Json.no)
      return;
    if (octet === LESS) this.markup(data, start, end, open);
    else this.text(data, start, end, open);
  }

  nested(coding: Coding, data: Uint8Array, start: number, end: number, open: boolean): void {
    const outer = this.spans;
    const outerDepths = this.depths;
    if (this.#level === MAX_NESTING) {
      outer.add(start, end, Replacement.plain);
      return;
    }
    const { decoded, spans: inner, depths } = this.#levels[this.#level];
    inner.clear();
    decoded.decode(coding, data, start, end);
    this.#level++;
    this.spans = inner;
    this.depths = depths;
    this.sniffed(decoded.bytes, 0, decoded.length, open);
    this.#level--;
    this.spans = outer;
    this.depths = outerDepths;
    for (let i = 0; i < inner.count; i++) {
      const escaped = coding === 'json' && inner.kinds[i] === Replacement.quoted;
      const kind = escaped ? Replacement.escaped : Replacement.plain;
      outer.add(decoded.origin[inner.starts[i]], decoded.origin[inner.ends[i]], kind);
    }
  }

  judgeCoded(coding: Coding, data: Uint8Array, start: number, end: number): number {
    if (end - start > MAX_NAME) return Verdict.sensitive;
    let [name, spare] = this.#names;
    name.decode(coding, data, start, end);
    const percent = coding === 'percent' || coding === 'form';
    for (let i = 1; percent && i < MAX_NAME_CODINGS && hasPercent(name); i++) {
      spare.decode('percent', name.bytes, 0, name.length);
      [name, spare] = [spare, name];
    }
    return this.policy.judge(name.bytes, 0, name.length);
  }

  url(data: Uint8Array, start: number, end: number, open: boolean): number {
    if (this.#urls === MAX_URLS) return findAuthority(this, data, start, end, open);
    this.#urls++;
    const stop = findUrl(this, data, start, end, open);
    this.#urls--;
    return stop;
  }

  tag(data: Uint8Array, start: number, end: number, open: boolean): number {
    return findTag(this, data, start, end, open);
  }
}

function hasPercent(name: Decoded): boolean {
  for (let i = 0; i < name.length; i++) if (name.bytes[i] === PERCENT) return true;
  return false;
}
