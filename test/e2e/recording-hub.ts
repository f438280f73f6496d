/** A hub, with a worker of each node that has captured and recorded some packets. */
import { vi } from 'vitest';
import type { Flow } from '../../flow/flow.ts';
import { identityOf } from '../../hub/cluster/objects-file.ts';
import { parseObjects } from '../../hub/cluster/read-objects.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../../worker/pipeline.ts';
import { PacketAnswers } from '../../worker/record/packet-answers.ts';
import { createPolicy } from '../../worker/redact/policy.ts';
import { Uplink } from '../../worker/uplink/uplink.ts';
import { load, type TimedFrame } from '../packets/index.ts';
import { BEARER, startHub, type TestHub, WORKER_TOKEN } from './hub-api-support.ts';

export interface RecordingHub {
  readonly hub: TestHub;
  /** What the hub shows of the captured packets, in the order of time. */
  readonly live: readonly Flow[];
  /** A file of all packets, for the ending of its name. */
  exported(ending: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** `captures`: frames by node. `objects`: of the cluster (test/kubernetes). Waits until the hub has so many `flows`. */
export async function startRecordingHub(
  objects: string,
  captures: Readonly<Record<string, readonly TimedFrame[]>>,
  flows: number,
): Promise<RecordingHub> {
  const hub = await startHub({ identity: identityOf(parseObjects(objects)) });
  const uplinks = Object.entries(captures).map(([node, frames]) => captureInto(hub, node, frames));
  const close = async () => {
    await Promise.all(uplinks.map((uplink) => uplink.close(100)));
    await hub.close();
  };
  try {
    const live = await vi.waitUntil(() => flowsOf(hub, flows), { timeout: 30_000, interval: 300 });
    return {
      ...{ hub, live, close },
      async exported(ending) {
        const answer = await fetch(`http://127.0.0.1:${hub.port}/api/v1/flows.${ending}`, {
          headers: BEARER,
        });
        return Buffer.from(await answer.arrayBuffer());
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** All flows in the order of time, when there are so many, and not before. */
export async function flowsOf({ get }: TestHub, count: number): Promise<Flow[] | undefined> {
  const { text } = await get('/api/v1/flows.ndjson');
  const flows = parseFlows(text);
  return flows.length >= count ? flows : undefined;
}

/** Of NDJSON, in the order of time. */
export function parseFlows(ndjson: string): Flow[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Flow)
    .sort((a, b) => a.time.localeCompare(b.time));
}

function captureInto(hub: TestHub, node: string, frames: readonly TimedFrame[]): Uplink {
  const redact = { enabled: true, fields: [], keep: [] };
  const pipeline = new Pipeline({ maxBody: DEFAULT_MAX_BODY, redact, recordBytes: 64 * 1024 * 1024 });
  const answers = new PacketAnswers(pipeline.recorder!, createPolicy({ enabled: true }));
  const uplink = new Uplink({
    url: `ws://127.0.0.1:${hub.port}/worker`,
    credentials: () => ({ token: WORKER_TOKEN }),
    worker: { version: '1', node, mode: 'live', sources: ['any'], limits: { ...pipeline.limits } },
    status: () => ({ counters: {} }),
    onPackets: (message) => answers.answer(message),
    log: { info: () => {}, warn: () => {} },
  });
  const packet = new Packet();
  for (const frame of frames) pipeline.packet(load(packet, frame));
  pipeline.finish();
  uplink.send(pipeline.records.written, pipeline.records.count);
  return uplink;
}
