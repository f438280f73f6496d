import { expect, test } from 'vitest';
import type { Connection, Endpoint } from '../../flow/flow.ts';
import { RecordView, toConnection } from '../../flow/record.ts';
import { Conversation, load } from '../../test/packets/index.ts';
import { Packet } from '../packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../pipeline.ts';

const TIME = 1_704_067_200_000_000;

/** A pipeline that saw these ports refuse connections, one every `step` µs, and what it told. */
function refused(ports: number[], step: number): { told: Connection[]; counters: Record<string, number> } {
  const pipeline = new Pipeline({
    maxBody: DEFAULT_MAX_BODY,
    redact: { enabled: true, fields: [], keep: [] },
  });
  const packet = new Packet();
  for (const [n, serverPort] of ports.entries()) {
    const talk = new Conversation({ serverPort, clientSeq: 70_000 + n, time: TIME + n * step, step: 1 });
    talk.client.syn();
    talk.server.reset();
    for (const frame of talk.packets) pipeline.packet(load(packet, frame));
  }
  pipeline.finish();
  const records = pipeline.records.take();
  const told: Connection[] = [];
  for (let at = 0; at < records.length; at += RecordView.lengthAt(records, at)) {
    const view = new RecordView().at(records, at);
    expect(view.isRefused).toBe(true);
    const end = (ip: string, port: number): Endpoint => ({ ip, port, name: ip });
    const [src, dst] = [end(view.srcIp, view.srcPort), end(view.dstIp, view.dstPort)];
    told.push(toConnection(view, { id: '', node: 'node-a', session: 's', src, dst }));
  }
  return { told, counters: pipeline.counters() };
}

test('a refused connection is told once, with its ends and times, and as nothing else', () => {
  const { told } = refused([6379], 1000);
  expect(told).toEqual([
    expect.objectContaining({
      src: { ip: '10.0.0.1', port: 40_000, name: '10.0.0.1' },
      dst: { ip: '10.0.0.2', port: 6379, name: '10.0.0.2' },
      start: '2024-01-01T00:00:00.000000Z',
      end: '2024-01-01T00:00:00.000001Z',
      closed: 'refused',
      closedBy: 'server',
    }),
  ]);
  expect(told[0]).not.toHaveProperty('handshakeMs');
});

test('of a scan of 10,000 ports so many a second are told, and the others counted', () => {
  const ports = Array.from({ length: 10_000 }, (_, n) => 1 + n);
  const { told, counters } = refused(ports, 200);
  expect(told.map(({ dst }) => dst.port)).toEqual([...ports.slice(0, 100), ...ports.slice(5000, 5100)]);
  expect(counters).toMatchObject({ answeredByReset: 10_000, refusalsUntold: 9800 });
});

test('what is refused now and then is all told', () => {
  const { told, counters } = refused(
    Array.from({ length: 500 }, () => 80),
    20_000,
  );
  expect(told).toHaveLength(500);
  expect(counters['refusalsUntold']).toBe(0);
});
