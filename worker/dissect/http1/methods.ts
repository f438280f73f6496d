import type { Message } from '../message.ts';

/**
 * Methods that servers know: the IANA registry (RFC 9110 §16.1), and those that are in wide use without being
 * in it. Any token is a valid method; one that nobody knows is more often a broken message than a new method.
 */

const HTTP = [
  'GET POST PUT HEAD DELETE PATCH OPTIONS CONNECT TRACE QUERY',
  'ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL',
  'MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK',
  'UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL',
  'PURGE NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH SOURCE',
];
/** RFC 7826 §13, and what RTSP 1.0 had beside. */
const RTSP = [
  'OPTIONS DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD FLUSH GET POST',
];
/** Icecast sources announce themselves so. */
const ICE = ['SOURCE'];

/** Methods by their length: the few of one length are compared one by one. */
type Methods = Uint8Array[][];

function byLength(lists: string[]): Methods {
  const methods: Methods = [];
  for (const name of lists.flatMap((list) => list.split(' '))) {
    methods[name.length] ??= [];
    methods[name.length].push(Buffer.from(name, 'latin1'));
  }
  return methods;
}

export const HTTP_METHODS = byLength(HTTP);
export const RTSP_METHODS = byLength(RTSP);
export const ICE_METHODS = byLength(ICE);

/** Methods that decide whether the answer has a body. */
export const Method = {
  head: Buffer.from('HEAD', 'latin1'),
  connect: Buffer.from('CONNECT', 'latin1'),
} as const;

/** Whether `message`, whose bytes begin at `source[base]`, is a request with this method. */
export function methodIs(message: Message, source: Uint8Array, base: number, method: Uint8Array): boolean {
  return message.methodEnd === method.length && equals(source, base, method);
}

/** Whether `source[start, end)` is one of `methods`; methods are case-sensitive (RFC 9110 §9.1). */
export function isOneOf(methods: Methods, source: Uint8Array, start: number, end: number): boolean {
  const candidates = methods[end - start];
  if (candidates === undefined) return false;
  for (let i = 0; i < candidates.length; i++) if (equals(source, start, candidates[i])) return true;
  return false;
}

function equals(source: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (source[start + i] !== name[i]) return false;
  return true;
}
