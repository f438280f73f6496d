import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EVERY_POD, type TargetSpec } from '../../flow/targets.ts';
import { MAX_TARGETS_IN_MESSAGE, type TargetsMessage } from '../../flow/wire.ts';
import { pod, service, slice } from '../../test/kubernetes/cluster.ts';
import type { KubeObject } from './objects.ts';
import { readObject } from './read-objects.ts';
import { TARGET_LIMITS, TargetPublisher } from './target-publisher.ts';

const read = (object: Record<string, unknown>): KubeObject => readObject(String(object['kind']), object)!;

const publishers: TargetPublisher[] = [];
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  for (const publisher of publishers.splice(0)) publisher.close();
  vi.useRealTimers();
});

function publishing(part: Partial<TargetSpec>, ...objects: Record<string, unknown>[]): TargetPublisher {
  const publisher = new TargetPublisher({ ...EVERY_POD, ...part }, 'remora');
  publishers.push(publisher);
  for (const object of objects) publisher.set(read(object));
  return publisher;
}

/** A worker: what it was told, and the set that follows from it. */
class Worker {
  busy = false;
  messages: TargetsMessage[] = [];
  entries: Set<string> | undefined;
  readonly stop: () => void;

  constructor(publisher: TargetPublisher, node = 'node-a') {
    this.stop = publisher.follow(node, this);
  }

  tell(texts: readonly string[]): void {
    for (const text of texts) {
      const message = JSON.parse(text) as TargetsMessage;
      this.messages.push(message);
      if (message.reset) this.entries = new Set();
      for (const entry of message.add) this.entries!.add(entry);
      for (const entry of message.remove) this.entries!.delete(entry);
    }
  }
}

const within2s = () => vi.advanceTimersByTime(2000);

test('a worker is told when all is known, and nothing before: a hub before this one may have told it more', () => {
  const publisher = publishing({}, pod('a', '10.0.0.1'));
  const worker = new Worker(publisher);
  within2s();
  expect(worker.messages).toEqual([]);
  publisher.set(read(pod('b', '10.0.0.2')));
  publisher.synced();
  expect(worker.messages).toEqual([
    { type: 'targets', reset: true, add: ['10.0.0.1', '10.0.0.2'], remove: [] },
  ]);
  const later = new Worker(publisher);
  expect(later.entries).toEqual(new Set(['10.0.0.1', '10.0.0.2']));
});

test('what cannot all be listed is told as far as it is known, in the end', () => {
  const worker = new Worker(publishing({}, pod('a', '10.0.0.1')));
  vi.advanceTimersByTime(TARGET_LIMITS.targetPatienceMs);
  expect(worker.entries).toEqual(new Set(['10.0.0.1']));
});

test('no pod matches: that is told too', () => {
  const publisher = publishing({ pods: 'none' }, pod('a', '10.0.0.1'));
  publisher.synced();
  expect(new Worker(publisher).messages).toEqual([{ type: 'targets', reset: true, add: [], remove: [] }]);
});

test('changes are told within 2 s, together, and only they', () => {
  const publisher = publishing({}, pod('a', '10.0.0.1'));
  publisher.synced();
  const worker = new Worker(publisher);
  worker.messages = [];
  publisher.remove(read(pod('a', '10.0.0.1')));
  publisher.set(read(pod('b', '10.0.0.2', { node: 'node-b' })));
  publisher.set(read(pod('c', '10.0.0.3')));
  within2s();
  expect(worker.messages).toEqual([
    { type: 'targets', reset: false, add: ['10.0.0.2', '10.0.0.3'], remove: ['10.0.0.1'] },
  ]);
  publisher.set(read(pod('c', '10.0.0.3', { labels: { changed: 'yes' } })));
  within2s();
  expect(worker.messages).toHaveLength(1);
});

test('other targets are told at once', () => {
  const publisher = publishing({ pods: 'a' }, pod('a', '10.0.0.1'), pod('b', '10.0.0.2'));
  publisher.synced();
  const worker = new Worker(publisher);
  publisher.retarget({ ...EVERY_POD, pods: 'b' });
  expect(worker.entries).toEqual(new Set(['10.0.0.2']));
});

test('a worker that has not taken what it was sent is told all anew when it has', () => {
  const publisher = publishing({}, pod('a', '10.0.0.1'));
  publisher.synced();
  const worker = new Worker(publisher);
  worker.busy = true;
  worker.messages = [];
  publisher.set(read(pod('b', '10.0.0.2')));
  within2s();
  publisher.remove(read(pod('a', '10.0.0.1')));
  within2s();
  expect(worker.messages).toEqual([]);
  worker.busy = false;
  within2s();
  expect(worker.messages).toEqual([{ type: 'targets', reset: true, add: ['10.0.0.2'], remove: [] }]);
});

test('a worker that is gone is not told', () => {
  const publisher = publishing({}, pod('a', '10.0.0.1'));
  publisher.synced();
  const worker = new Worker(publisher);
  worker.stop();
  publisher.set(read(pod('b', '10.0.0.2')));
  within2s();
  expect(worker.messages).toHaveLength(1);
});

test('what is gone as a service’s address and stays as a pod’s is not taken away', () => {
  const agent = pod('agent', '192.168.0.1', { hostNetwork: true, ports: [80] });
  const outside = service('agent', '10.96.0.1', { externalIPs: ['192.168.0.1'] });
  const publisher = publishing({}, agent, outside, slice('agent', ['192.168.0.1'], { port: 80 }));
  publisher.synced();
  const worker = new Worker(publisher);
  expect(worker.entries).toEqual(new Set(['192.168.0.1:80', '10.96.0.1:80']));
  publisher.remove(read(outside));
  within2s();
  expect(worker.entries).toEqual(new Set(['192.168.0.1:80']));
});

function crowd(size: number): Record<string, unknown>[] {
  return Array.from({ length: size }, (_, n) =>
    pod(`pod-${n}`, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, { node: `node-${n % 100}` }),
  );
}

test('many targets come in messages that a worker takes, and hold together', () => {
  const publisher = publishing({}, ...crowd(3500));
  publisher.synced();
  const { messages, entries } = new Worker(publisher);
  expect(messages.map(({ reset, more }) => [reset, more])).toEqual([
    [true, true],
    [false, true],
    [false, true],
    [false, undefined],
  ]);
  expect(entries?.size).toBe(3500);
  for (const message of messages) {
    expect(message.add.length + message.remove.length).toBeLessThanOrEqual(MAX_TARGETS_IN_MESSAGE);
    expect(JSON.stringify(message).length).toBeLessThan(64 * 1024);
  }
});

test('of very many a worker is told those of its own node, and of all again when they are fewer', () => {
  const publisher = publishing({}, ...crowd(TARGET_LIMITS.targetEntriesEverywhere));
  publisher.set(read(service('first', '10.96.0.1')));
  publisher.set(read(slice('first', ['10.0.0.7', '10.0.0.8'])));
  publisher.synced();
  const here = new Worker(publisher, 'node-7');
  const there = new Worker(publisher, 'node-8');
  expect(here.entries?.size).toBe(TARGET_LIMITS.targetEntriesEverywhere + 1);

  publisher.set(read(pod('one-more', '10.200.0.1', { node: 'node-7' })));
  within2s();
  expect(here.entries?.size).toBe(50 + 1 + 1);
  expect(here.entries?.has('10.200.0.1')).toBe(true);
  expect(there.entries?.size).toBe(50 + 1);

  there.messages = [];
  publisher.remove(read(pod('one-more', '10.200.0.1', { node: 'node-7' })));
  within2s();
  expect(here.entries?.has('10.200.0.1')).toBe(false);
  expect(there.messages).toEqual([]);

  publisher.retarget({ ...EVERY_POD, pods: '^pod-[12]' });
  within2s();
  expect(here.entries).toEqual(there.entries);
  expect(here.entries?.size).toBe(2222);
});
