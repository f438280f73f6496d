import type { Hop } from '../flow.ts';
import { bytesToText } from '../text.ts';
import { Common, MAX_RECORD, RecordError, ExchangeLayout as X } from './layout.ts';
import type { RecordView } from './view.ts';

/** A copy of an exchange's record that tells of hops too. The record as it is where it has hops, or would be too long. */
export function withHops(view: RecordView, hops: readonly Hop[]): Uint8Array<ArrayBuffer> {
  const { bytes, offset, length } = view;
  const json = new TextEncoder().encode(JSON.stringify(hops));
  const { start, end } = view.hops;
  if (end > start || length + json.length > MAX_RECORD) return bytes.slice(offset, offset + length);
  const record = new Uint8Array(length + json.length);
  record.set(bytes.subarray(offset, offset + length));
  record.set(json, length);
  const data = new DataView(record.buffer);
  data.setUint32(Common.length, record.length, true);
  data.setUint32(X.hopsLength, json.length, true);
  return record;
}

/** undefined where there are none. Throws RecordError for what the hub has not written. */
export function readHops(view: RecordView): Hop[] | undefined {
  const { start, end } = view.hops;
  if (start === end) return undefined;
  try {
    return JSON.parse(bytesToText(view.bytes, start, end)) as Hop[];
  } catch {
    throw new RecordError('its hops are no JSON');
  }
}
