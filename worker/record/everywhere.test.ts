import { expect, test } from 'vitest';
import { Conversation, LinkType, load } from '../../test/packets/index.ts';
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
async function told(request: string, response: string): Promise<string> {
  const talk = new Conversation().handshake();
  talk.client.send(request);
  talk.server.send(response);
  const pipeline = new Pipeline({
    maxBody: 65_536,
    redact: { enabled: true, fields: [], keep: [] },
    recordBytes: 64 * 1024,
  });
  const packet = new Packet();
  for (const frame of talk.close().packets) pipeline.packet(load(packet, frame, LinkType.ethernet));
  pipeline.finish();
  const parts: Uint8Array[] = [pipeline.records.written];
  const turns = new Turns();
  const { recorder } = pipeline;
  if (recorder === undefined) throw new Error('nothing is recorded');
  const { connections, wanted } = await select(recorder, EVERYTHING, turns);
  for (const batch of batchesOf(connections, recorder.limits))
    await hideSecrets(batch, createPolicy(), turns);
  for (const stored of wanted) parts.push(maskedPacket(stored)?.data ?? new Uint8Array());
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
