import { expect, test, vi } from 'vitest';
import { RecordWriter } from '../../flow/record.ts';
import { writeExchange } from '../../test/records.ts';
import { BatchBuilder } from './batch.ts';
import { UPLINK_LIMITS } from './limits.ts';

function setUp() {
  const writer = new RecordWriter();
  const batches: { bytes: number; count: number }[] = [];
  const builder = new BatchBuilder(writer, {
    send: (records, count) => batches.push({ bytes: records.length, count }),
  });
  const write = () => {
    writeExchange(writer);
    builder.written();
  };
  return { builder, batches, write };
}

test('a batch goes when it is large enough', () => {
  const { builder, batches, write } = setUp();
  for (let i = 0; i < 1000; i++) write();
  builder.flush();
  expect(batches.length).toBeGreaterThan(2);
  expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  for (const { bytes } of batches.slice(0, -1))
    expect(bytes).toBeGreaterThanOrEqual(UPLINK_LIMITS.batchBytes);
});

test('a small batch goes after 100 ms, and none that is empty', () => {
  vi.useFakeTimers();
  try {
    const { builder, batches, write } = setUp();
    write();
    write();
    vi.advanceTimersByTime(99);
    expect(batches).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(batches).toMatchObject([{ count: 2 }]);
    builder.flush();
    vi.advanceTimersByTime(1000);
    expect(batches).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});
