import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CaptureError } from './capture/error.ts';
import type { LiveCapture, SourceStats } from './capture/source.ts';
import { PersistentCapture } from './persistent-capture.ts';
import { Backoff } from './uplink/backoff.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DENIED = new CaptureError('CAPTURE_NOT_PERMITTED', 'no NET_RAW');
const ABSENT = new CaptureError('CAPTURE_NO_INTERFACE', 'no eth9');

/** Captures that fail and succeed as the test says. */
class Attempts {
  readonly changes: (string | undefined)[] = [];
  readonly times: number[] = [];
  refusal: Error | undefined;
  fail: ((error: CaptureError) => void) | undefined;
  stats: Partial<SourceStats> = {};
  closed = 0;
  readonly capture = new PersistentCapture({
    open: (onFailure) => {
      this.times.push(Date.now());
      if (this.refusal !== undefined) throw this.refusal;
      this.fail = onFailure;
      const capture: LiveCapture = {
        interfaceName: 'any',
        stats: () => ({
          packets: 0,
          bytes: 0,
          kernelDrops: 0,
          interfaceDrops: 0,
          overloadDrops: 0,
          ...this.stats,
        }),
        close: () => void this.closed++,
      };
      return capture;
    },
    onChange: (problem) => this.changes.push(problem?.code),
    backoff: new Backoff(1000, 8000, () => 0),
  });
}

test('it opens after the constructor, and tells', () => {
  const attempts = new Attempts();
  expect(attempts.changes).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(attempts.changes).toEqual([undefined]);
  attempts.capture.close();
  expect(attempts.closed).toBe(1);
});

test('what it may not have it asks for again, more and more rarely, and tells of once', () => {
  const attempts = new Attempts();
  const start = Date.now();
  attempts.refusal = DENIED;
  vi.advanceTimersByTime(40_000);
  expect(attempts.times.map((time) => time - start)).toEqual([
    0, 1000, 3000, 7000, 15_000, 23_000, 31_000, 39_000,
  ]);
  expect(attempts.changes).toEqual(['CAPTURE_NOT_PERMITTED']);
  expect(attempts.capture.problem).toBe(DENIED);

  attempts.refusal = ABSENT;
  vi.advanceTimersByTime(8000);
  attempts.refusal = undefined;
  vi.advanceTimersByTime(8000);
  expect(attempts.changes).toEqual(['CAPTURE_NOT_PERMITTED', 'CAPTURE_NO_INTERFACE', undefined]);
  expect(attempts.capture.problem).toBeUndefined();
  attempts.capture.close();
});

test('a capture that ends is opened again, and nothing that was counted is lost', () => {
  const attempts = new Attempts();
  vi.advanceTimersByTime(0);
  attempts.stats = { packets: 100, kernelDrops: 7 };
  attempts.fail?.(new CaptureError('CAPTURE_FAILED', 'the interface is gone'));
  expect(attempts.capture.stats()).toMatchObject({ packets: 100, kernelDrops: 7 });
  attempts.stats = { packets: 1, kernelDrops: 2 };
  vi.advanceTimersByTime(1000);
  expect(attempts.changes).toEqual([undefined, 'CAPTURE_FAILED', undefined]);
  expect(attempts.capture.stats()).toMatchObject({ packets: 101, kernelDrops: 9, overloadDrops: 0 });
  attempts.capture.close();
});

test('closed while it waits, it opens nothing any more', () => {
  const attempts = new Attempts();
  attempts.refusal = DENIED;
  vi.advanceTimersByTime(0);
  attempts.capture.close();
  vi.advanceTimersByTime(60_000);
  expect(attempts.times).toHaveLength(1);
});

test('a fault of the program is not taken for a problem of the network', () => {
  const attempts = new Attempts();
  attempts.refusal = new TypeError('a bug');
  expect(() => vi.advanceTimersByTime(0)).toThrow('a bug');
});
