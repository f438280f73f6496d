import type { Message } from '../message.ts';
import { HTTP_METHODS, isOneOf } from './methods.ts';
import { CR, isDigit, SP, TOKEN } from './octets.ts';
import { protocolAt, readVersion, VERSION_AT } from './start-line.ts';

/** Start lines whose ends are not there: longer than what is kept of a head, or not captured. */

/**
 * For a request line, `source[0, end)`: reads its method, and as target what there is. False: no request line, or
 * too little of one.
 */
export function readRequestLinePrefix(message: Message, source: Uint8Array, end: number): boolean {
  let methodEnd = 0;
  while (methodEnd < end && TOKEN[source[methodEnd]] === 1) methodEnd++;
  const target = methodEnd + 1;
  if (target >= end || source[methodEnd] !== SP || !isOneOf(HTTP_METHODS, source, 0, methodEnd)) return false;
  let space = end - 1;
  while (space > target && source[space] !== SP) space--;
  message.methodEnd = methodEnd;
  message.targetStart = target;
  message.targetEnd = space > target && isVersionPrefix(source, space + 1, end) ? space : end;
  return true;
}

const VERSION: Uint8Array = Buffer.from('HTTP/1.1\r', 'latin1');

/** Whether `source[start, end)` is `HTTP/1.1` with what follows it, or the beginning of that. */
function isVersionPrefix(source: Uint8Array, start: number, end: number): boolean {
  if (end - start > VERSION.length) return false;
  for (let i = start; i < end; i++) {
    const octet = VERSION[i - start];
    if (source[i] !== octet && !(isDigit(octet) && isDigit(source[i]))) return false;
  }
  return true;
}

/** For a status line, `source[0, end)`: reads it as far as it goes. False: no status line, or its code is not whole. */
export function readStatusLinePrefix(message: Message, source: Uint8Array, end: number): boolean {
  const lineEnd = source[end - 1] === CR ? end - 1 : end;
  const protocol = protocolAt(source, 0, lineEnd);
  if (protocol < 0) return false;
  const code = readVersion(message, source, VERSION_AT[protocol], lineEnd) + 1;
  const reason = code + 3;
  if (reason > lineEnd || source[code - 1] !== SP) return false;
  let status = 0;
  for (let i = code; i < reason; i++) {
    if (!isDigit(source[i])) return false;
    status = status * 10 + source[i] - 48;
  }
  if (status < 100 || (reason < lineEnd && source[reason] !== SP)) return false;
  message.protocol = protocol;
  message.status = status;
  message.targetStart = Math.min(reason + 1, lineEnd);
  message.targetEnd = lineEnd;
  return true;
}
