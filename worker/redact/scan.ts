import type { Words } from '../words.ts';
import type { Policy } from './policy.ts';
import type { Spans } from './spans.ts';

/** How bytes inside bytes are written: what has to be undone before names and secrets can be seen. */
export type Coding = 'json' | 'percent' | 'form' | 'entities';

/**
 * What the finders share, and how one calls another: a URL in a text in a JSON string in a form value. All
 * ranges are of `data`; spans are added to `spans` in ascending order and nothing is changed. `open` says that
 * the text may go on behind `end` (cut off, not captured): what could be the beginning of a secret is then one.
 */
export interface Scan {
  readonly policy: Policy;
  /** Where found secrets go. Another object during `nested`, so not to be kept over a call. */
  readonly spans: Spans;
  /** Nesting of the JSON that is being read. */
  readonly depths: Depths;
  /** For what is read four octets at a time. */
  readonly words: Words;
  /** Free text: `name=value`, `name: value`, tags, URLs, values that are secrets by themselves. */
  text(data: Uint8Array, start: number, end: number, open: boolean): void;
  /** `text`, after a look at which characters are there at all. */
  brief(data: Uint8Array, start: number, end: number, open: boolean): void;
  /** JSON, markup or text, whichever it is, behind a coding; the spans added are those of the coded bytes. */
  nested(coding: Coding, data: Uint8Array, start: number, end: number, open: boolean): void;
  /** `Policy.judge` for a name written in `coding`. */
  judgeCoded(coding: Coding, data: Uint8Array, start: number, end: number): number;
  /** A URL whose `://` ends at `start`; answers where the URL ends. */
  url(data: Uint8Array, start: number, end: number, open: boolean): number;
  /** A `<` at `start`; answers where to read on: behind the tag, or behind a secret element. */
  tag(data: Uint8Array, start: number, end: number, open: boolean): number;
}

/** JSON deeper than this is read as text. */
export const MAX_DEPTH = 512;

/** One entry a level of JSON objects and arrays. */
export class Depths {
  depth = 0;
  /** What stands before the place that is read: AFTER_VALUE or AFTER_OPENING. */
  place = 0;
  readonly isObject = new Uint8Array(MAX_DEPTH + 1);
  /** The last value of a naming member (`"name": "password"`) of the object; an empty range: none. */
  readonly nameStart = new Int32Array(MAX_DEPTH + 1);
  readonly nameEnd = new Int32Array(MAX_DEPTH + 1);
}
