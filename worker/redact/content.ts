import * as zlib from 'node:zlib';
import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  type InputType,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import type { WithheldReason } from '../../flow/flow.ts';

/** Undoing of content codings (RFC 9110 §8.4), bounded in output and time whatever the input. */

export interface ContentLimits {
  /** At most this many octets come out; the rest is left coded. */
  readonly maxOutput: number;
  /** A body that grows more than this many times, past `maxOutput`, is a bomb. */
  readonly maxRatio: number;
  /** Codings on top of each other. */
  readonly maxCodings: number;
}

/** Where the octets of a body are after its content codings were undone. Used again. */
export class Content {
  data: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** False: more would have come out, or the coded octets were not all there. */
  whole = true;
  /** Set: nothing is readable, for this reason. */
  problem: WithheldReason | undefined;

  /** Octets as they are. */
  set(data: Uint8Array, start: number, end: number, whole: boolean): void {
    this.data = data;
    this.start = start;
    this.end = end;
    this.whole = whole;
    this.problem = undefined;
  }
}

type Decoder = (input: InputType, options: { maxOutputLength: number; finishFlush: number }) => Buffer;

interface Coding {
  readonly decode: Decoder;
  /** Gives what there is when the input ends early. */
  readonly flush: number;
}

/** Node has zstd since 22.15; the type definitions of 20 do not know it. */
const zstd = (zlib as unknown as { zstdDecompressSync?: Decoder }).zstdDecompressSync;
const ZSTD_FLUSH = 1;
const GZIP: Coding = { decode: gunzipSync, flush: constants.Z_SYNC_FLUSH };
const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['deflate', { decode: inflate, flush: constants.Z_SYNC_FLUSH }],
  ['br', { decode: brotliDecompressSync, flush: constants.BROTLI_OPERATION_FLUSH }],
  ...(zstd === undefined ? [] : ([['zstd', { decode: zstd, flush: ZSTD_FLUSH }]] as const)),
]);
/** Content codings that are ciphers (RFC 8188). */
const CIPHERS = new Set(['aes128gcm', 'aesgcm']);

/**
 * Undoes `codings` (a Content-Encoding value, empty for none), last first. `whole` says whether all coded
 * octets are there. The result is in `content`; without codings it is the same octets, not a copy.
 */
export function decodeContent(
  content: Content,
  data: Uint8Array,
  start: number,
  end: number,
  whole: boolean,
  codings: string,
  limits: ContentLimits,
): void {
  content.set(data, start, end, whole);
  const names = codings
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > limits.maxCodings) content.problem = 'unsupported-encoding';
  for (const name of names.reverse()) {
    if (content.problem !== undefined || content.start === content.end) return;
    const coding = CODINGS.get(name);
    if (coding === undefined) content.problem = CIPHERS.has(name) ? 'encrypted' : 'unsupported-encoding';
    else undo(content, coding, limits);
  }
}

/**
 * The decoders give all or nothing when the output is limited, so input is taken away until its output fits. The
 * first step goes down to what a body of the highest ratio may have: if even that is too much, it is a bomb.
 */
function undo(content: Content, coding: Coding, limits: ContentLimits): void {
  const input = content.data.subarray(content.start, content.end);
  const least = Math.ceil(limits.maxOutput / limits.maxRatio);
  const options = { maxOutputLength: limits.maxOutput, finishFlush: coding.flush };
  let length = input.length;
  let bombChecked = false;
  for (;;) {
    const output = attempt(coding, input.subarray(0, length), options);
    if (output instanceof Uint8Array) {
      content.set(output, 0, output.length, content.whole && length === input.length);
      if (output.length === 0) content.problem = 'undecodable';
      return;
    }
    if (output === 'corrupt') {
      content.problem = 'undecodable';
      return;
    }
    if (!bombChecked) {
      bombChecked = true;
      if (length <= least || attempt(coding, input.subarray(0, least), options) === 'too-large') {
        content.problem = 'ratio-limit';
        return;
      }
    }
    length = Math.max(least, length >> 1);
  }
}

function attempt(
  coding: Coding,
  input: Uint8Array,
  options: { maxOutputLength: number; finishFlush: number },
): Buffer | 'too-large' | 'corrupt' {
  try {
    return coding.decode(input, options);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'corrupt';
  }
}

/** `deflate` is zlib (RFC 9110 §8.4.1.2), but some senders leave out its header. */
function inflate(input: InputType, options: { maxOutputLength: number; finishFlush: number }): Buffer {
  const bytes = input as Uint8Array;
  const zlibHeader = bytes.length > 1 && (bytes[0] & 0x0f) === 8 && ((bytes[0] << 8) | bytes[1]) % 31 === 0;
  return zlibHeader ? inflateSync(input, options) : inflateRawSync(input, options);
}
