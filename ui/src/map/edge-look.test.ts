import { expect, test } from 'vitest';
import type { MapEdge } from '../../../flow/api.ts';
import { type EdgeLook, edgeLook, type Look } from './edge-look.ts';

const EDGE: MapEdge = {
  ...{ from: 'a', to: 'b', protocol: 'http', count: 100, rate: 2, errors: 0, p50: 5, p95: 20, p99: 30 },
  ...{ bytes: 1000, lostBytes: 0 },
};
const LOOK: Look = { thickness: 'rate', colour: 'errors' };
const of = (change: Partial<MapEdge>, look: Partial<Look> = {}): EdgeLook =>
  edgeLook({ ...EDGE, ...change }, { ...LOOK, ...look });

test('thickness by rate, bytes or errors', () => {
  expect(of({ rate: 100 }).width).toBeGreaterThan(of({}).width);
  expect(of({ bytes: 1e9 }).width).toBe(of({}).width);
  expect(of({ bytes: 1e9 }, { thickness: 'bytes' }).width).toBeGreaterThan(
    of({}, { thickness: 'bytes' }).width,
  );
  expect(of({ errors: 50 }, { thickness: 'errors' }).width).toBeGreaterThan(
    of({}, { thickness: 'errors' }).width,
  );
  expect(of({ rate: 1e12 }).width).toBe(8);
});

test('colour by share of errors, or by latency', () => {
  expect(of({ errors: 1 })).toMatchObject({ tone: 'accent-line', red: 10 });
  expect(of({ errors: 100 }).red).toBe(100);
  expect(of({ errors: 100, p95: 20 }, { colour: 'latency' })).toMatchObject({ tone: 'ok', red: 0 });
  expect(of({ p95: 200 }, { colour: 'latency' }).tone).toBe('warn');
  expect(of({ p95: 2000 }, { colour: 'latency' }).tone).toBe('bad');
  expect(of({ p95: null }, { colour: 'latency' }).tone).toBe('line-strong');
});

test('where ranges are compared, what changed is told in words and colour', () => {
  const before = EDGE;
  const now = { ...EDGE, errors: 20, p95: 80 };
  expect(edgeLook(now, LOOK, { change: 'failing', before })).toMatchObject({
    tone: 'bad',
    label: '▲ 0% → 20%',
  });
  expect(edgeLook(now, LOOK, { change: 'slower', before })).toMatchObject({
    tone: 'warn',
    label: 'p95 20.0 ms\n→ 80.0 ms',
  });
  expect(edgeLook(now, LOOK, { change: 'gone', before })).toMatchObject({ dashed: true, label: 'gone' });
  expect(edgeLook(now, LOOK, { change: 'new' }).label).toMatch(/^new\n/);
  expect(edgeLook(now, LOOK, { change: 'same', before })).toMatchObject({ tone: 'line-strong', label: '' });
});
