/** Port-forward, exec and logs, frame by frame as a real server gave them, where recordings are at hand. */

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORPORA } from '../../conformance/corpora.ts';
import { KubeServer } from '../server.ts';
import type { KubeObject } from '../types.ts';
import type { Command } from './exec.ts';
import { type Frame, RawSession } from './raw-session.ts';

const FILE = join(CORPORA, 'kubernetes', 'portforward.json');

interface RecordedFrame {
  dir: 'c>s' | 's>c';
  opcode?: number;
  raw?: boolean;
  payload_b64: string;
}

interface Session {
  name: string;
  request: { line: string; headers: Record<string, string> };
  response: { line: string; headers: string[] };
  frames: RecordedFrame[];
}

const POD = 'echo-a-6cb689644c-8q6q4';

describe.runIf(existsSync(FILE))('streams of a real API server of 1.26', () => {
  const { sessions } = existsSync(FILE)
    ? (JSON.parse(readFileSync(FILE, 'utf8')) as { sessions: Session[] })
    : { sessions: [] };
  let kube: KubeServer;
  const web = createServer();

  const session = (name: string) => sessions.find((one) => one.name === name)!;

  beforeAll(async () => {
    kube = await KubeServer.start({ tls: false, controllers: false });
    kube.objects.create(podObject(POD, 'echo-a'));
    const pod = kube.objects.get('pods', 'lab', POD)!;
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    kube.ports.open(pod.metadata.uid!, 8080, (web.address() as AddressInfo).port);
    // The pod answers what it answered then.
    web.on('request', (request, response) => {
      const size = Number(new URL(request.url ?? '/', 'http://pod').searchParams.get('size') ?? 100);
      response.end('.'.repeat(size));
    });
    kube.execs.command('node', says('v20.20.2\n'));
    kube.execs.command('hostname', says(`${POD}\n`));
    kube.execs.command('sh', async (_argv, io) => {
      io.out('out\n');
      io.err('err\n');
      io.out(`got:${await io.input()}`);
      return 3;
    });
  });

  afterAll(async () => {
    web.closeAllConnections();
    web.close();
    await kube.stop();
  });

  async function open(name: string): Promise<RawSession> {
    const { request } = session(name);
    const { port } = new URL(kube.url);
    const socket = connect(Number(port), '127.0.0.1');
    const headers = { ...request.headers, Authorization: `Bearer ${kube.token()}` };
    return await RawSession.open(socket, request.line, headers);
  }

  test.each([
    'portforward-v4',
    'portforward-v4-closed-port',
    'portforward-v4-two-ports',
    'portforward-v4-base64',
    'portforward-offer-v5-only',
    'portforward-offer-v5-and-v4',
    'portforward-offer-spdy-tunnel',
    'portforward-offer-no-subprotocol',
    'portforward-offer-unknown',
    'portforward-no-ports',
    'portforward-404',
    'exec-v4-success',
    'exec-offer-v5-only',
    'exec-offer-base64',
    'exec-bad-container-400',
  ])('%s: the handshake', async (name) => {
    const recorded = session(name).response;
    const raw = await open(name);
    expect(raw.statusLine).toBe(recorded.line);
    for (const wanted of ['sec-websocket-protocol', 'sec-websocket-accept', 'upgrade'])
      expect.soft(raw.headers[wanted], wanted).toBe(headerOf(recorded.headers, wanted));
    raw.close();
  });

  test.each(['portforward-no-ports', 'portforward-404', 'exec-bad-container-400'])(
    '%s: the words',
    async (name) => {
      const raw = await open(name);
      const [first] = session(name).frames;
      await expect.poll(() => raw.rest).toBe(Buffer.from(first!.payload_b64, 'base64').toString());
      raw.close();
    },
  );

  test.each([
    'portforward-v4',
    'portforward-v4-base64',
    'portforward-v4-keepalive-then-close-frame',
    'portforward-v4-split-request',
    'portforward-v4-closed-port',
    'portforward-v4-two-ports',
    'exec-v4-success',
    'exec-v4-stdin-stdout-stderr-exit3',
    'exec-offer-base64',
  ])('%s: channel by channel', async (name) => {
    const raw = await open(name);
    const recorded = session(name).frames;
    let before = 0;
    for (const { dir, opcode, payload_b64 } of recorded) {
      if (dir === 's>c') before++;
      else {
        // Not before the server has said what it had said then.
        await expect.poll(() => raw.frames.length).toBeGreaterThanOrEqual(before);
        raw.send(opcode!, Buffer.from(payload_b64, 'base64'));
      }
    }
    await expect.poll(() => raw.frames.at(-1)?.opcode, { timeout: 5000 }).toBe(8);
    const real = recorded
      .filter(({ dir }) => dir === 's>c')
      .map(({ opcode, payload_b64 }) => frameOf(opcode!, payload_b64));
    expect(summary(raw.frames)).toEqual(summary(real));
  });
});

function podObject(name: string, container: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'lab' },
    spec: { nodeName: 'node1', containers: [{ name: container, image: 'x' }] },
    status: { phase: 'Running' },
  };
}

function says(text: string): Command {
  return (_argv, io) => {
    io.out(text);
    return 0;
  };
}

function headerOf(headers: string[], name: string): string | undefined {
  const found = headers.find((line) => line.toLowerCase().startsWith(`${name}:`));
  return found?.slice(name.length + 1).trim();
}

function frameOf(opcode: number, payload: string): Frame {
  return { opcode, payload: Buffer.from(payload, 'base64') };
}

/** What each channel said first, whether more came, and how it ended; what the pod answered is not the server's. */
function summary(frames: Frame[]): object {
  const channels = new Map<number, string[]>();
  for (const { opcode, payload } of frames) {
    if (opcode !== 1 && opcode !== 2) continue;
    const texts = channels.get(payload[0]!) ?? [];
    texts.push(payload.subarray(1).toString());
    channels.set(payload[0]!, texts);
  }
  const said = [...channels].map(([channel, texts]) => [
    channel,
    texts[0],
    blankIds(texts.slice(1).join('')).slice(0, 15),
  ]);
  const largest = Math.max(...frames.map(({ payload }) => payload.length));
  const end = frames
    .filter(({ opcode }) => opcode > 7)
    .map(({ opcode, payload }) => [opcode, payload.toString('hex')]);
  return { said: said.sort(), end, largest: largest > 32768 ? largest : 'small' };
}

function blankIds(text: string): string {
  return text.replace(/[0-9a-f-]{32,}/g, 'ID');
}
