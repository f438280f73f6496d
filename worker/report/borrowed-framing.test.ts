import { expect, test } from 'vitest';
import { RecordKind, RecordView } from '../../flow/record.ts';
import { Conversation, load } from '../../test/packets/index.ts';
import { Packet } from '../packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../pipeline.ts';

/** The protocol that is told of one exchange. */
function protocolOf(request: string, response: string): string[] {
  const pipeline = new Pipeline({
    maxBody: DEFAULT_MAX_BODY,
    redact: { enabled: true, fields: [], keep: [] },
  });
  const packet = new Packet();
  const talk = new Conversation({ serverPort: 554 }).handshake();
  if (request !== '') talk.client.send(request);
  if (response !== '') talk.server.send(response);
  for (const frame of talk.close().packets) pipeline.packet(load(packet, frame));
  pipeline.finish();
  const records = pipeline.records.take();
  const found: string[] = [];
  for (let at = 0; at < records.length; at += RecordView.lengthAt(records, at)) {
    const view = new RecordView().at(records, at);
    if (view.kind === RecordKind.exchange) found.push(`${view.protocol}/${view.protocolVersion}`);
  }
  return found;
}

const request = (protocol: string) => `OPTIONS rtsp://camera/ ${protocol}\r\nCSeq: 1\r\n\r\n`;
const response = (protocol: string) => `${protocol} 200 OK\r\nCSeq: 1\r\n\r\n`;

test.each([
  ['HTTP/1.1', 'http/1.1'],
  ['RTSP/1.0', 'rtsp/1.0'],
])('what borrows the framing of HTTP is not called HTTP: %s', (protocol, told) => {
  expect(protocolOf(request(protocol), response(protocol))).toEqual([told]);
  expect(protocolOf(request(protocol), '')).toEqual([told]);
  expect(protocolOf('', response(protocol))).toEqual([told]);
});

test('Icecast', () => {
  expect(protocolOf('SOURCE /live ICE/1.0\r\nicy-name: x\r\n\r\n', 'ICE/1.0 200 OK\r\n\r\n')).toEqual([
    'icecast/1.0',
  ]);
});
