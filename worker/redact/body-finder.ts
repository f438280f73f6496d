import { toUtf8 } from './charset.ts';
import { findCsv } from './csv.ts';
import type { Finder } from './finder.ts';
import { Json } from './json.ts';
import { looksBinary } from './magic.ts';
import type { MediaType, MediaTypes } from './media.ts';
import { findMultipart, type PartReader } from './multipart.ts';
import { CR, DASH, EQUALS, LESS, LF, OPEN_BRACE, OPEN_BRACKET, RS, skip, WHITE } from './octets.ts';
import { Replacement } from './spans.ts';

/** Multipart inside multipart that is looked into; deeper parts are redacted. */
const MAX_PARTS_DEPTH = 3;
/** RFC 2046 §5.1.1 allows 70. */
const MAX_BOUNDARY = 200;

/**
 * Finds secrets in a body by its media type. The type may lie: what is JSON or markup by its looks is read as
 * such, and what is not what it says is read as text, the reading that finds the most.
 */
export class BodyFinder implements PartReader {
  readonly #finder: Finder;
  readonly #media: MediaTypes;
  #depth = 0;

  constructor(finder: Finder, media: MediaTypes) {
    this.#finder = finder;
    this.#media = media;
  }

  /** UTF-8 text in; with `open` there is more of it than is given. */
  find(media: MediaType, data: Uint8Array, start: number, end: number, open: boolean): void {
    const finder = this.#finder;
    const first = skip(WHITE, data, start, end);
    if (first === end) return;
    const octet = data[first];
    if (media.kind === 'multipart' && this.#multipart(media.boundary, data, start, end, open)) return;
    const looksJson = octet === OPEN_BRACE || octet === OPEN_BRACKET || octet === RS;
    if ((looksJson || media.kind === 'json') && finder.json(data, first, end, open) !== Json.no) return;
    if (media.kind === 'csv') findCsv(finder, data, start, end, open);
    else if (octet === LESS) finder.markup(data, start, end, open);
    else if (octet === DASH && this.#multipart('', data, start, end, open)) return;
    else if (media.kind === 'form' || looksLikeForm(data, first, end)) finder.form(data, start, end, open);
    else finder.text(data, start, end, open);
  }

  #multipart(boundary: string, data: Uint8Array, start: number, end: number, open: boolean): boolean {
    if (this.#depth === MAX_PARTS_DEPTH) {
      this.#finder.spans.add(start, end, Replacement.plain);
      return true;
    }
    const delimiter = boundary === '' ? firstLineAsBoundary(data, start, end) : boundary;
    if (delimiter === '') return false;
    this.#depth++;
    const found = findMultipart(this.#finder, this, delimiter, data, start, end, open);
    this.#depth--;
    return found;
  }

  part(
    data: Uint8Array,
    typeStart: number,
    typeEnd: number,
    start: number,
    end: number,
    open: boolean,
  ): void {
    const media = this.#media.at(data, typeStart, typeEnd);
    const opaque = media.kind === 'binary' || media.kind === 'image' || media.kind === 'font';
    const text = opaque || looksBinary(data, start, end) ? undefined : toUtf8(data, start, end, media, open);
    if (text === undefined || text.data !== data) this.#finder.spans.add(start, end, Replacement.plain);
    else this.find(media, data, text.start, text.end, open);
  }

  field(data: Uint8Array, nameStart: number, nameEnd: number, start: number, end: number): void {
    this.#finder.header(data, nameStart, nameEnd, start, end);
  }
}

/** `--boundary` and then a header field: what a multipart body without a declared boundary begins with. */
function firstLineAsBoundary(data: Uint8Array, start: number, end: number): string {
  const from = skip(WHITE, data, start, end);
  let stop = from;
  while (stop < end && stop - from <= MAX_BOUNDARY && data[stop] !== CR && data[stop] !== LF) stop++;
  if (data[from] !== DASH || data[from + 1] !== DASH || stop - from < 3 || stop === end) return '';
  const field = skip(WHITE, data, stop, end);
  if ((data[field] | 0x20) !== 0x63 || (data[field + 7] ?? 0) !== DASH) return '';
  return String.fromCharCode(...data.subarray(from + 2, stop));
}

/** One run without white space, with a `=`: a form, or a text that can be read as one. */
function looksLikeForm(data: Uint8Array, start: number, end: number): boolean {
  let equals = false;
  let i = start;
  for (; i < end && WHITE[data[i]] === 0; i++) equals ||= data[i] === EQUALS;
  return equals && skip(WHITE, data, i, end) === end;
}
