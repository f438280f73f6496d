import { expect, test } from 'vitest';
import { RecordKind, RecordView } from '../../flow/record.ts';
import { clientHello } from '../../test/dissect/client-hello.ts';
import { Conversation, load } from '../../test/packets/index.ts';
import { Packet } from '../packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../pipeline.ts';

const REDACT = { enabled: true, fields: [], keep: [] };

/** TLS connections to servers, one a minute, through the worker's path; what is told of them. */
function told(connections: { server: string; name: string }[]): string[] {
  const pipeline = new Pipeline({ maxBody: DEFAULT_MAX_BODY, redact: REDACT });
  const packet = new Packet();
  connections.forEach(({ server, name }, n) => {
    const talk = new Conversation({
      ...{ serverAddress: server, serverPort: 443, clientPort: 40_000 + n },
      time: 1_704_067_200_000_000 + n * 60_000_000,
    }).handshake();
    talk.client.send(clientHello(name));
    talk.server.send(Buffer.from('1603030004020000', 'hex'));
    for (const frame of talk.close().packets) pipeline.packet(load(packet, frame));
  });
  pipeline.finish();
  const records = pipeline.records.take();
  const names: string[] = [];
  for (let at = 0; at < records.length; at += RecordView.lengthAt(records, at)) {
    const view = new RecordView().at(records, at);
    expect([view.kind, view.protocol, view.dstPort]).toEqual([RecordKind.connection, 'tls', 443]);
    names.push(`${view.dstIp} ${view.serverName}`);
  }
  return names;
}

const API = { server: '203.0.113.7', name: 'api.example' };

test('which server a client asks for by TLS is told once in a while', () => {
  const again = Array.from({ length: 12 }, () => API);
  expect(told(again)).toEqual(['203.0.113.7 api.example', '203.0.113.7 api.example']);
});

test('each server and each name by itself', () => {
  const other = { ...API, name: 'other.example' };
  const elsewhere = { ...API, server: '203.0.113.8' };
  expect(told([API, other, elsewhere, API, other])).toEqual([
    '203.0.113.7 api.example',
    '203.0.113.7 other.example',
    '203.0.113.8 api.example',
  ]);
});

test('without a name nothing is told', () => {
  expect(told([{ ...API, name: '' }])).toEqual([]);
});
