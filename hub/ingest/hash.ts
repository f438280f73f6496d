import { Common, ConnectionLayout, ExchangeLayout, type RecordView } from '../../flow/record.ts';
import { formatFlowId } from '../store/flow-id.ts';

/**
 * The id of an exchange: its time, and 64 bits of a hash of where it was seen (fingerprint, addresses, ports). The same record
 * has the same id, however often it is sent.
 */
export function exchangeId(view: RecordView): string {
  let high = SEED_HIGH;
  let low = SEED_LOW;
  // Both addresses and both ports stand side by side.
  for (let at = Common.src; at < Common.connection; at += 4) {
    const word = view.u32(at);
    high = mixHigh(high, word);
    low = mixLow(low, word);
  }
  for (let at = ExchangeLayout.requestSeq; at < ExchangeLayout.responseWire; at += 4) {
    const word = view.u32(at);
    high = mixHigh(high, word);
    low = mixLow(low, word);
  }
  const parts = view.u8(ExchangeLayout.parts);
  high = finish(mixHigh(high, parts));
  low = finish(mixLow(low, parts ^ high));
  return formatFlowId(view.time, high >>> 0, low >>> 0);
}

/** Bytes of a request's head that must be the same in all observations of an exchange. */
const HEAD_BYTES = 64;

/**
 * What all observations of one request have in common, wherever they were made, in 53 bits: the position of its first byte in the
 * stream (sequence numbers survive NAT) and the beginning of its head. 0 where the request was not seen.
 */
export function requestKey(view: RecordView): number {
  if (!view.hasRequest) return 0;
  const seq = view.i32(ExchangeLayout.requestSeq);
  let high = mixHigh(SEED_HIGH, seq);
  let low = mixLow(SEED_LOW, seq);
  const length = Math.min(HEAD_BYTES, view.u32(ExchangeLayout.requestHeadLength)) & ~3;
  for (let at = ExchangeLayout.end; at < ExchangeLayout.end + length; at += 4) {
    const word = view.u32(at);
    high = mixHigh(high, word);
    low = mixLow(low, word);
  }
  return combine(high, low);
}

/** Of the method and the target of the request in a record, as 32 bits that are not 0. */
export function requestLineHash(record: Uint8Array): number {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const length =
    view.getUint16(ExchangeLayout.methodLength, true) + 1 + view.getUint32(ExchangeLayout.targetLength, true);
  let hash = SEED_LOW;
  for (let at = ExchangeLayout.end; at < ExchangeLayout.end + length; at++) hash = mixLow(hash, record[at]!);
  return finish(hash) || 1;
}

/** The same of an answer, by its position and status. */
export function responseKey(view: RecordView): number {
  if (!view.hasResponse) return 0;
  const seq = view.i32(ExchangeLayout.responseSeq);
  const high = mixHigh(SEED_LOW, seq);
  const low = mixLow(SEED_HIGH, seq);
  return combine(mixHigh(high, view.status), mixLow(low, view.status));
}

/** The same of a refusal, which is an answer too: by the beginning of the client's stream, which it acknowledges. */
export function refusalKey(view: RecordView): number {
  if (!view.isRefused) return 0;
  const seq = view.i32(ConnectionLayout.clientSeq);
  return combine(mixHigh(SEED_LOW, seq), mixHigh(SEED_HIGH, seq));
}

function combine(high: number, low: number): number {
  return (finish(high) >>> 11) * 0x1_0000_0000 + (finish(low) >>> 0);
}

/** Of the address at the offset `at` of a record. */
export function addressHash(view: RecordView, at: number): number {
  let hash = SEED_LOW;
  for (let i = 0; i < 16; i += 4) hash = mixLow(hash, view.u32(at + i));
  return finish(hash);
}

export function socketHash(view: RecordView, at: number, port: number): number {
  return finish(mixLow(addressHash(view, at), port));
}

const SEED_HIGH = 0x9e3779b9 | 0;
const SEED_LOW = 0x85ebca6b | 0;

/** Two lanes of MurmurHash3's mixing, with different constants. */
function mixHigh(hash: number, word: number): number {
  word = Math.imul(word, 0xcc9e2d51);
  word = (word << 15) | (word >>> 17);
  hash ^= Math.imul(word, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  return (Math.imul(hash, 5) + 0xe6546b64) | 0;
}
function mixLow(hash: number, word: number): number {
  word = Math.imul(word, 0x239b961b);
  word = (word << 17) | (word >>> 15);
  hash ^= Math.imul(word, 0xab0e9789);
  hash = (hash << 19) | (hash >>> 13);
  return (Math.imul(hash, 5) + 0x561ccd1b) | 0;
}
function finish(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
