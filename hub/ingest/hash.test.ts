import { expect, test } from 'vitest';
import { RecordView } from '../../flow/record.ts';
import { type ExchangeSpec, exchangeRecord } from '../../test/records.ts';
import { parseFlowId } from '../store/flow-id.ts';
import { exchangeId } from './hash.ts';

const T = 1_700_000_000_000_000;
const id = (spec: Partial<ExchangeSpec> = {}) => exchangeId(new RecordView().at(exchangeRecord(spec), 0));

test('the same exchange has the same id, wherever its record stands', () => {
  const record = exchangeRecord();
  const shifted = new Uint8Array(record.length + 3);
  shifted.set(record, 3);
  expect(exchangeId(new RecordView().at(shifted, 3))).toBe(id());
});

test('an id begins with the time and sorts by it', () => {
  expect(parseFlowId(id())?.time).toBe(T);
  expect(id({ time: T + 0.75 })).toBe(id());
  const times = [0, 1, 255, 2 ** 32 - 1, 2 ** 32, T, T + 1, Number.MAX_SAFE_INTEGER - 1];
  const ids = times.map((time) => id({ time }));
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.map((one) => parseFlowId(one)?.time)).toEqual(times);
});

test('whatever differs in address, port, position or length gives another id', () => {
  const specs: Partial<ExchangeSpec>[] = [
    {},
    { src: '10.0.0.9' },
    { dst: '10.0.0.9' },
    { srcPort: 1 },
    { dstPort: 1 },
    { srcPort: 8080, dstPort: 40_000 },
    { requestSeq: 1 },
    { responseSeq: 1 },
    { requestWire: 121 },
    { status: 0 },
  ];
  expect(new Set(specs.map(id)).size).toBe(specs.length);
});

test('a hundred thousand exchanges of one microsecond have as many ids', () => {
  const record = exchangeRecord();
  const data = new DataView(record.buffer);
  const view = new RecordView().at(record, 0);
  const ids = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    data.setInt32(80, i, true); // the request's sequence number
    ids.add(exchangeId(view));
  }
  expect(ids.size).toBe(100_000);
});
