import { expect, test } from 'vitest';
import { Conversation, LinkType, load, snap } from '../../test/packets/index.ts';
import { Packet } from '../packet/packet.ts';
import { Pipeline } from '../pipeline.ts';
import { createPolicy } from '../redact/policy.ts';
import { batchesOf, hideSecrets, maskedPacket } from './mask.ts';
import { type Interval, select } from './selection.ts';
import { Turns } from './turns.ts';

const CANARY = 'CANARY-7f3a';
const REQUEST = 'POST /a?x=1 HTTP/1.1\r\nHost: a\r\nX-Thing:  v; w=1\r\nContent-Length: 2\r\n\r\nok';
const RESPONSE = 'HTTP/1.1 200 OK then\r\nLocation: /x\r\nContent-Length: 5\r\n\r\nhello';
const EVERYTHING: ReadonlyMap<number, Interval[]> = new Map(
  Array.from({ length: 4 }, (_, id) => [id, [{ from: 0, to: Number.POSITIVE_INFINITY }]]),
);

/** All that leaves the worker: the records of flows, and the packets of an export. */
async function told(request: string, response: string, snapLength = 65_535): Promise<string> {
  const talk = new Conversation().handshake();
  talk.client.send(request);
  talk.server.send(response);
  const pipeline = new Pipeline({
    maxBody: 65_536,
    redact: { enabled: true, fields: [], keep: [] },
    recordBytes: 64 * 1024,
  });
  const packet = new Packet();
  for (const frame of talk.close().packets)
    pipeline.packet(load(packet, snap(frame, snapLength), LinkType.ethernet));
  pipeline.finish();
  const parts: Uint8Array[] = [pipeline.records.written];
  const turns = new Turns();
  const { recorder } = pipeline;
  if (recorder === undefined) throw new Error('nothing is recorded');
  const { connections, wanted } = await select(recorder, EVERYTHING, turns);
  for (const batch of batchesOf(connections, recorder))
    await hideSecrets(batch, recorder, createPolicy(), turns);
  for (const stored of wanted) {
    const masked = await recorder.look(stored.stretch, (segment) => maskedPacket(stored, segment));
    parts.push(masked!.data);
  }
  expect(parts.length).toBeGreaterThan(5);
  return Buffer.concat(parts).toString('latin1');
}

test.each([
  `;password=${CANARY};`,
  `&token=${CANARY}&`,
  ` password=${CANARY} `,
  `\r\npassword: ${CANARY}\r\n`,
  `{"password":"${CANARY}"}`,
])(
  'wherever it is put in a message, a secret that says what it is does not leave the worker: %s',
  async (secret) => {
    const put = (text: string, at: number) => text.slice(0, at) + secret + text.slice(at);
    for (let at = 0; at <= REQUEST.length; at++) {
      const request = put(REQUEST, at);
      expect(await told(request, RESPONSE), request).not.toContain(CANARY);
    }
    for (let at = 0; at <= RESPONSE.length; at++) {
      const response = put(RESPONSE, at);
      expect(await told(REQUEST, response), response).not.toContain(CANARY);
    }
  },
);

test('a token of which only the beginning was captured does not leave the worker', async () => {
  const token = `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.abcdefghijklmnop`;
  const whole = `GET /reset/${token} HTTP/1.1\r\nHost: a\r\n\r\n`;
  for (let shown = 1; shown < token.length; shown++) {
    const out = await told(whole, RESPONSE, 14 + 20 + 20 + 'GET /reset/'.length + shown);
    expect(out).toContain('GET /reset/');
    if (shown > 12) expect(out).not.toContain(token.slice(0, 12));
  }
});
