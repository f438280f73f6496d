import { expect, test } from 'vitest';
import type { WorkerHealth } from '../../../flow/api.ts';
import type { Problem } from '../../../flow/problem.ts';
import {
  byUrgency,
  captureTrouble,
  clockInWords,
  inWords,
  names,
  nodeCount,
  problemText,
} from './workers.ts';

const DENIED = { code: 'CAPTURE_NOT_PERMITTED', message: 'no NET_RAW', remedy: 'add it' };
const ABSENT = { code: 'CAPTURE_NO_INTERFACE', message: 'There is no eth9.' };

function worker(node: string, changes: Partial<WorkerHealth> = {}): WorkerHealth {
  return {
    ...{ node, session: node, version: '1', state: 'connected', sources: ['any'], counters: {}, limits: {} },
    ...{ lastSeen: '2026-01-01T00:00:00Z', packetsPerSecond: 0, flowsPerSecond: 0 },
    ...changes,
  };
}
const failed = (node: string, problem: Problem) => worker(node, { state: 'failed', problem });

test('all is well: no trouble', () => {
  expect(captureTrouble([])).toBeUndefined();
  expect(captureTrouble([worker('a'), worker('b', { state: 'away' })])).toBeUndefined();
});

test('the problem that most have is told, with how many have another one', () => {
  const workers = [failed('a', ABSENT), failed('b', DENIED), worker('c'), failed('d', { ...DENIED })];
  expect(captureTrouble(workers)).toEqual({
    ...{ problem: DENIED, nodes: ['b', 'd'], others: 1, failed: 3, total: 4 },
  });
});

test('a problem reads as sentences', () => {
  expect(problemText(DENIED)).toBe('No NET_RAW. Add it.');
  expect(problemText(ABSENT)).toBe('There is no eth9.');
});

test('a few names stand for many', () => {
  expect(names(['a', 'b'])).toBe('a, b');
  expect(names(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more');
});

test('who is in trouble comes first, then by node as people count', () => {
  const workers = [
    ...[worker('node-10'), worker('node-9'), worker('z', { state: 'away' }), worker('y', { state: 'done' })],
    failed('x', DENIED),
  ];
  expect(byUrgency(workers).map(({ node }) => node)).toEqual(['x', 'z', 'node-9', 'node-10', 'y']);
  expect(inWords(workers)).toBe('2 connected, 1 done, 1 away, 1 cannot capture');
  expect(inWords([])).toBe('');
});

test('nodes count once, and not those whose worker is away', () => {
  expect(nodeCount([worker('a'), worker('a'), worker('b'), worker('c', { state: 'away' })])).toBe(2);
});

test.each([
  [undefined, '–'],
  [100, 'fine'],
  [-250, '−250 ms'],
  [61_000, '+1 m 01 s'],
])('a clock that is %s ms ahead', (offset, words) => {
  expect(clockInWords(offset)).toBe(words);
});
