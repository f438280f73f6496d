import { type Message, MessageProtocol } from '../message.ts';
import { HTTP_METHODS, ICE_METHODS, isOneOf, RTSP_METHODS } from './methods.ts';
import {
  COLON,
  CR,
  DOT,
  findLineFeed,
  isBlank,
  isDigit,
  isLetter,
  LF,
  SLASH,
  SP,
  TOKEN,
  VALUE,
  VISIBLE,
} from './octets.ts';

/**
 * Start lines (RFC 9112 §3 and §4). What real servers and clients let pass is read and marked malformed; what
 * is no start line at all is told apart, because that is how HTTP is recognised and found again after a loss.
 *
 * Like llhttp, this also reads RTSP/x.y and ICE/x.y, whose messages are framed as those of HTTP/1.1.
 *
 * The readers take a line that begins at `source[start]` and ends before `limit`. They return the index after
 * the line, `start` if the line goes on past `limit`, or NOT_A_START. Offsets in the message count from `base`.
 */
export const NOT_A_START = -1;

/** A method longer than any that is registered, twice over. */
const MAX_METHOD = 40;

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const HTTP_SLASH = ascii('HTTP/');
const RTSP_SLASH = ascii('RTSP/');
const ICE_SLASH = ascii('ICE/');
/** By MessageProtocol: where in `HTTP/1.1` the version stands, and which methods there are. */
export const VERSION_AT = [HTTP_SLASH.length, RTSP_SLASH.length, ICE_SLASH.length];
const METHODS = [HTTP_METHODS, RTSP_METHODS, ICE_METHODS];
const PRI = ascii('PRI');
const CONNECT = ascii('CONNECT');
const ASTERISK = 42;

export const Problem = {
  bareLf: 'Line ends with LF alone (RFC 9112 §2.2)',
  bareCr: 'CR without LF (RFC 9112 §2.2)',
  version: 'HTTP version is not one of 0.9, 1.0, 1.1, 2.0 (RFC 9112 §2.3)',
  statusCode: 'Status code is not three digits after one space (RFC 9112 §4)',
  reason: 'Control character in the reason phrase (RFC 9112 §4)',
  method: 'Method is not a registered one (RFC 9110 §16.1)',
  target: 'Request target has none of the four forms (RFC 9112 §3.2)',
  targetOctets: 'Request target has octets other than visible ASCII (RFC 9112 §3.2)',
  noTarget: 'Request line without a target (RFC 9112 §3)',
  noVersion: 'Request line without an HTTP version (RFC 9112 §3)',
  spaces: 'White space at the end of the request line (RFC 9112 §3)',
} as const;

/** Whether the beginning of a line, `source[start, limit)`, can still become a status line. */
export function mayBeStatusLine(source: Uint8Array, start: number, limit: number): boolean {
  return (
    mayBegin(source, start, limit, HTTP_SLASH) ||
    mayBegin(source, start, limit, RTSP_SLASH) ||
    mayBegin(source, start, limit, ICE_SLASH)
  );
}

/** Whether the beginning of a line, `source[start, limit)`, can still become a request line. */
export function mayBeRequestLine(source: Uint8Array, start: number, limit: number): boolean {
  let i = start;
  const methodLimit = Math.min(limit, start + MAX_METHOD);
  while (i < methodLimit && TOKEN[source[i]] === 1) i++;
  if (i === limit) return true;
  if (i === start || source[i] !== SP) return false;
  return i + 1 === limit || source[i + 1] >= SP;
}

function mayBegin(source: Uint8Array, start: number, limit: number, word: Uint8Array): boolean {
  const length = Math.min(limit - start, word.length);
  for (let i = 0; i < length; i++) if (source[start + i] !== word[i]) return false;
  return limit - start <= word.length || isDigit(source[start + word.length]);
}

/** Whether `source[start, end)` begins with `word` (`HTTP/`) and a digit after it. */
function begins(source: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  return end - start > word.length && mayBegin(source, start, end, word);
}

/** Of MessageProtocol, whose `NAME/digit` stands at `source[start, end)`; -1: none. */
export function protocolAt(source: Uint8Array, start: number, end: number): number {
  if (begins(source, start, end, HTTP_SLASH)) return MessageProtocol.http;
  if (begins(source, start, end, RTSP_SLASH)) return MessageProtocol.rtsp;
  return begins(source, start, end, ICE_SLASH) ? MessageProtocol.icecast : -1;
}

export function readStatusLine(
  message: Message,
  source: Uint8Array,
  start: number,
  limit: number,
  base: number,
): number {
  const protocol = protocolAt(source, start, limit);
  if (protocol < 0) return mayBeStatusLine(source, start, limit) ? start : NOT_A_START;
  let i = start + VERSION_AT[protocol];
  const lf = findLineFeed(source, i, limit);
  if (lf < 0) return start;
  const end = lineEnd(message, source, lf);
  message.protocol = protocol;
  i = readVersion(message, source, i, end);
  let code = i;
  while (code < end && isBlank(source[code])) code++;
  if (code === i || code === end) return NOT_A_START;
  if (code > i + 1 || source[i] !== SP) message.malform(Problem.statusCode);

  let status = 0;
  i = code;
  while (i < end && isDigit(source[i]) && i < code + 4) status = status * 10 + source[i++] - 48;
  if (i === code) return NOT_A_START;
  if (i !== code + 3 || status < 100 || (i < end && source[i] !== SP)) message.malform(Problem.statusCode);
  message.status = status;

  const reason = i < end && isBlank(source[i]) ? i + 1 : i;
  for (i = reason; i < end; i++) {
    if (VALUE[source[i]] === 0) message.malform(source[i] === CR ? Problem.bareCr : Problem.reason);
  }
  message.targetStart = reason - base;
  message.targetEnd = end - base;
  return lf + 1;
}

export function readRequestLine(
  message: Message,
  source: Uint8Array,
  start: number,
  limit: number,
  base: number,
): number {
  let methodEnd = start;
  while (methodEnd < limit && TOKEN[source[methodEnd]] === 1) methodEnd++;
  if (methodEnd === limit) return methodEnd - start > MAX_METHOD ? NOT_A_START : start;
  if (methodEnd === start || methodEnd - start > MAX_METHOD || source[methodEnd] !== SP) return NOT_A_START;

  const target = methodEnd + 1;
  let i = target;
  while (i < limit && VISIBLE[source[i]] === 1) i++;
  // The line that nearly every request has: method, target, HTTP/1.x, CRLF, one space between.
  if (
    i + 10 < limit &&
    i > target &&
    source[i] === SP &&
    source[i + 10] === LF &&
    source[i + 9] === CR &&
    begins(source, i + 1, limit, HTTP_SLASH) &&
    source[i + 6] === 49 &&
    source[i + 7] === DOT &&
    (source[i + 8] === 49 || source[i + 8] === 48) &&
    isOneOf(HTTP_METHODS, source, start, methodEnd)
  ) {
    message.version = source[i + 8] - 38;
    setTarget(message, source, methodEnd, target, i, base);
    return i + 11;
  }
  return readUncommonRequestLine(message, source, start, limit, base, methodEnd);
}

function readUncommonRequestLine(
  message: Message,
  source: Uint8Array,
  start: number,
  limit: number,
  base: number,
  methodEnd: number,
): number {
  let target = methodEnd + 1;
  if (target < limit && source[target] < SP) return NOT_A_START;
  const lf = findLineFeed(source, target, limit);
  if (lf < 0) return start;
  if (methodEnd - start === 3 && mayBegin(source, start, methodEnd, PRI)) return NOT_A_START;

  let end = lineEnd(message, source, lf);
  if (isBlank(source[end - 1])) message.malform(Problem.spaces);
  while (target < end && source[target] === SP) target++;
  while (end > target && isBlank(source[end - 1])) end--;
  let version = end;
  while (version > target && source[version - 1] !== SP) version--;

  const protocol = protocolAt(source, version, end);
  if (protocol < 0) {
    return readWithoutVersion(message, source, start, methodEnd, target, end, base) ? lf + 1 : NOT_A_START;
  }
  message.protocol = protocol;
  if (!isOneOf(METHODS[protocol], source, start, methodEnd)) message.malform(Problem.method);
  if (version === target) {
    // `OPTIONS HTTP/1.1`: what stands there is taken as the target, and then there is no version.
    message.malform(Problem.noTarget);
    message.version = 9;
  } else {
    // What goes on behind the version belongs to the target: as such it is looked at for secrets.
    if (readVersion(message, source, version + VERSION_AT[protocol], end) === end) {
      end = version - 1;
      while (end > target && source[end - 1] === SP) end--;
    }
  }
  checkTargetOctets(message, source, target, end);
  setTarget(message, source, methodEnd, target, end, base);
  return lf + 1;
}

/** `GET /path`, the request of HTTP/0.9; and lines whose version is part of the target: `PUT /HTTP/1.1`. */
function readWithoutVersion(
  message: Message,
  source: Uint8Array,
  start: number,
  methodEnd: number,
  target: number,
  end: number,
  base: number,
): boolean {
  if (target >= end || source[target] !== SLASH) return false;
  for (let i = target; i < end; i++) if (source[i] === SP) return false;
  if (!isOneOf(HTTP_METHODS, source, start, methodEnd)) {
    if (!endsWithVersion(source, target, end)) return false;
    message.malform(Problem.method);
  }
  if (methodEnd - start !== 3) message.malform(Problem.noVersion);
  message.version = 9;
  checkTargetOctets(message, source, target, end);
  setTarget(message, source, methodEnd, target, end, base);
  return true;
}

function endsWithVersion(source: Uint8Array, start: number, end: number): boolean {
  return end - start >= 8 && source[end - 2] === DOT && begins(source, end - 8, end, HTTP_SLASH);
}

function setTarget(
  message: Message,
  source: Uint8Array,
  methodEnd: number,
  start: number,
  end: number,
  base: number,
): void {
  message.methodEnd = methodEnd - base;
  message.targetStart = start - base;
  message.targetEnd = end - base;
  if (source[start] !== SLASH && !hasTargetForm(source, methodEnd - 7, start, end))
    message.malform(Problem.target);
}

/** The forms of a target that does not begin with a slash: absolute-form, asterisk-form, and authority-form for CONNECT. */
function hasTargetForm(source: Uint8Array, connect: number, start: number, end: number): boolean {
  if (end === start + 1 && source[start] === ASTERISK) return true;
  if (connect >= 0 && mayBegin(source, connect, connect + CONNECT.length, CONNECT)) return true;
  if (!isLetter(source[start])) return false;
  for (let i = start; i < end; i++) if (source[i] === COLON) return source[i + 1] === SLASH;
  return false;
}

function checkTargetOctets(message: Message, source: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (VISIBLE[source[i]] === 0) message.malform(Problem.targetOctets);
  }
}

/** The end of the line without its CRLF. */
function lineEnd(message: Message, source: Uint8Array, lf: number): number {
  if (source[lf - 1] === CR) return lf - 1;
  message.malform(Problem.bareLf);
  return lf;
}

/** Reads `1.1` at `start`; returns the index after it. */
export function readVersion(message: Message, source: Uint8Array, start: number, end: number): number {
  let i = start;
  let major = 0;
  let minor = 0;
  while (i < end && isDigit(source[i]) && i < start + 3) major = major * 10 + source[i++] - 48;
  const dot = i;
  if (i < end && source[i] === DOT) {
    i++;
    while (i < end && isDigit(source[i]) && i < dot + 3) minor = minor * 10 + source[i++] - 48;
  }
  const canonical = dot === start + 1 && i === start + 3;
  const version = major * 10 + Math.min(minor, 9);
  const known = version === 11 || version === 10 || version === 9 || version === 20;
  if (!canonical || !known) message.malform(Problem.version);
  message.version = version;
  return i;
}
