import type { StreamMask } from './stream-mask.ts';

const CR = 13;
const LF = 10;
/** A chunk size of more digits is none. */
const MAX_SIZE_DIGITS = 8;

/** Where the octets of a body are in the stream: runs of three numbers, body offset, stream offset, length. */
export type BodyMap = readonly number[];

/** The map of a body that is in the stream as it is. */
export function plainBody(offset: number, length: number): BodyMap {
  return [0, offset, length];
}

/**
 * The map of a chunked body (RFC 9112 §7.1) of `length` octets from `offset` on; undefined if the stream does not hold one. Shows sizes
 * and line ends; extensions and trailers stay hidden, line ends and the colons of trailers apart.
 */
export function chunkedBody(
  stream: StreamMask,
  offset: number,
  length: number,
  end: number,
): BodyMap | undefined {
  const map: number[] = [];
  let at = offset;
  let done = 0;
  while (at < end) {
    const digitsEnd = skipDigits(stream, at);
    if (digitsEnd === at || digitsEnd - at > MAX_SIZE_DIGITS) return undefined;
    const size = readSize(stream, at, digitsEnd);
    const data = showLineEnd(stream, digitsEnd, end);
    if (data < 0) return undefined;
    stream.show(at, digitsEnd);
    if (size === 0) {
      showTrailers(stream, data, end);
      break;
    }
    const run = Math.min(size, length - done);
    if (run > 0) map.push(done, data, run);
    done += run;
    at = data + size;
    if (at + 2 > end) break;
    if (stream.at(at) !== CR || stream.at(at + 1) !== LF) return undefined;
    stream.show(at, at + 2);
    at += 2;
  }
  return done === length ? map : undefined;
}

/** Whether the octets `data[start, ...)` of the body are what the stream holds where the map says. */
export function isMapRight(stream: StreamMask, map: BodyMap, data: Uint8Array, start: number): boolean {
  for (let i = 0; i < map.length; i += 3) {
    const from = start + map[i];
    if (!stream.holds(map[i + 1], data, from, from + map[i + 2])) return false;
  }
  return true;
}

/** Calls `each` with the ranges of the stream that hold the octets `[start, end)` of the body. */
export function eachRange(
  map: BodyMap,
  start: number,
  end: number,
  each: (start: number, end: number) => void,
): void {
  for (let i = 0; i < map.length; i += 3) {
    const from = Math.max(start, map[i]);
    const to = Math.min(end, map[i] + map[i + 2]);
    if (from < to) each(map[i + 1] + from - map[i], map[i + 1] + to - map[i]);
  }
}

function skipDigits(stream: StreamMask, at: number): number {
  while (hexValue(stream.at(at)) >= 0) at++;
  return at;
}

function readSize(stream: StreamMask, start: number, end: number): number {
  let size = 0;
  for (let i = start; i < end; i++) size = size * 16 + hexValue(stream.at(i));
  return size;
}

/** Answers where the line that `at` is in ends; -1 if it does not. */
function showLineEnd(stream: StreamMask, at: number, end: number): number {
  while (at < end && stream.at(at) !== LF) at++;
  if (at >= end) return -1;
  stream.show(stream.at(at - 1) === CR ? at - 1 : at, at + 1);
  return at + 1;
}

function showTrailers(stream: StreamMask, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const octet = stream.at(i);
    if (octet === CR || octet === LF || octet === 0x3a) stream.show(i, i + 1);
  }
}

function hexValue(octet: number): number {
  if (octet >= 48 && octet <= 57) return octet - 48;
  const letter = octet | 0x20;
  return octet >= 0 && letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
