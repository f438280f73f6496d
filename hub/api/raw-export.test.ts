import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import type { AuditLog } from '../audit/audit-log.ts';
import { HubError } from '../errors.ts';
import type { PacketExport } from '../export/packets/packet-export.ts';
import { RawExports } from './raw-export.ts';

type Entry = Record<string, unknown>;

/** `broken`: from which entry on nothing can be written. */
function rawExports(broken = Number.POSITIVE_INFINITY) {
  const entries: Entry[] = [];
  const logged: Entry[] = [];
  const audit = {
    append: async (entry: Entry) => {
      if (entries.length >= broken) throw new HubError('AUDIT_UNWRITABLE');
      entries.push(entry);
    },
  } as unknown as AuditLog;
  const log = { warn: (entry: Entry) => logged.push(entry), error: (entry: Entry) => logged.push(entry) };
  return { raw: new RawExports(audit, log as never), entries, logged };
}

function request(headers: Record<string, string>): FastifyRequest {
  return { headers, ip: '10.0.0.9' } as unknown as FastifyRequest;
}

function asked(filter = '') {
  const exported = { wanted: { flows: 2 }, packets: 9, bytes: 900, closed: false } as never as PacketExport;
  exported.close = () => Object.assign(exported, { closed: true });
  return { format: 'pcapng', selection: { filter, from: 1e15, connection: 'c-1' }, exported };
}

async function* pieces(count: number, fails = false): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < count; i++) yield new Uint8Array(100);
  if (fails) throw new Error('the worker has gone');
}

test('who gets what is written down before it begins, and how it ended after', async () => {
  const { raw, entries, logged } = rawExports();
  const record = await raw.begin(request({ authorization: 'Bearer abc' }), asked('path == "/a"'));
  expect(entries).toEqual([
    {
      ...{ event: 'raw-export', id: expect.any(String), peer: '10.0.0.9', credential: 'token' },
      ...{ filter: 'path == "/a"', from: '2001-09-09T01:46:40.000000Z', to: undefined, flow: undefined },
      ...{ connection: 'c-1', format: 'pcapng', flows: 2, packets: 9, bytes: 900 },
    },
  ]);
  // What somebody searched for is nobody's business who reads logs.
  expect(JSON.stringify(logged)).not.toContain('/a');
  for await (const _ of record.count(pieces(3)));
  await record.end(8);
  const { id } = entries[0]!;
  expect(entries[1]).toEqual({ event: 'raw-export-end', id, packets: 8, bytes: 300, ended: 'complete' });
});

test('an export that broke off says so, with what had gone out', async () => {
  const { raw, entries } = rawExports();
  const left = await raw.begin(request({}), asked());
  for await (const _ of left.count(pieces(3))) break;
  await left.end(1);
  const failed = await raw.begin(request({}), asked());
  await expect(Readable.from(failed.count(pieces(2, true))).toArray()).rejects.toThrow('gone');
  await failed.end(2);
  const never = await raw.begin(request({}), asked());
  await never.end(0);
  expect(entries.filter(({ ended }) => ended).map(({ ended, bytes }) => [ended, bytes])).toEqual([
    ['cut-off', 100],
    ['failed', 200],
    ['cut-off', 0],
  ]);
  expect(entries[0]!['credential']).toBe('cookie');
});

test('where it cannot be written down, nothing is given and nothing held; an end that cannot be is logged', async () => {
  const one = asked();
  await expect(rawExports(0).raw.begin(request({}), one)).rejects.toMatchObject({ code: 'AUDIT_UNWRITABLE' });
  expect(one.exported).toMatchObject({ closed: true });
  const { raw, logged } = rawExports(1);
  await (await raw.begin(request({}), asked())).end(3);
  expect(logged.at(-1)).toMatchObject({ packets: 3, ended: 'cut-off' });
});

test('a long filter is cut, so that many exports find room', async () => {
  const { raw, entries } = rawExports();
  await raw.begin(request({}), asked('x'.repeat(15_000)));
  expect((entries[0]!['filter'] as string).length).toBe(2001);
});

test('nobody gets anything without the right, nor without having said that it is meant', () => {
  const code = (raw: RawExports, headers: Record<string, string>) => {
    try {
      raw.check(request(headers));
    } catch (error) {
      return (error as HubError).code;
    }
    return undefined;
  };
  const confirmed = { 'remora-confirm': 'raw' };
  const off = new RawExports(undefined, { warn: () => {}, error: () => {} } as never);
  expect(code(off, confirmed)).toBe('RAW_EXPORT_OFF');
  const { raw } = rawExports();
  expect(code(raw, {})).toBe('RAW_EXPORT_UNCONFIRMED');
  expect(code(raw, { 'remora-confirm': 'true' })).toBe('RAW_EXPORT_UNCONFIRMED');
  expect(code(raw, confirmed)).toBeUndefined();
});
