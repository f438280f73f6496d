import type { WorkerHealth } from '../../flow/api.ts';
import type { Endpoint, Flow } from '../../flow/flow.ts';
import { formatTime, parseTime } from '../../flow/time.ts';
import { HubError } from '../errors.ts';
import type { NoPackets, PacketAnswer, RecordedPacket } from '../ingest/packet-requests.ts';
import {
  enhancedPacket,
  interfaceDescription,
  interfaceStatistics,
  nameResolution,
  sectionHeader,
} from './pcapng.ts';

/** Whoever has the packets: worker sessions. */
export interface PacketSource {
  packets(connection: string, from: number, to: number, maxBytes: number): Promise<PacketAnswer | NoPackets>;
}

/** Packets of one export, bytes: they are put in the order of their times, and so are all in memory. */
export const EXPORT_PACKET_BYTES = 64 * 1024 * 1024;
/** Acknowledgements and late copies, before and after an exchange, µs. */
const MARGIN = 1e6;

/** A connection that packets are wanted of, in [from, to), µs. */
interface Wanted {
  readonly connection: string;
  readonly node: string;
  from: number;
  to: number;
  readonly flows: Flow[];
}

interface Kept extends RecordedPacket {
  readonly wanted: Wanted;
  comment?: string;
}

/**
 * The packets of flows, secrets overwritten, in the order of their times, as a pcapng file in pieces. Rejects with HubError where there is
 * not one: PACKETS_OVERWRITTEN, WORKER_AWAY, RECORDING_OFF.
 */
export async function packetExport(
  source: PacketSource,
  flows: readonly Flow[],
  workers: readonly WorkerHealth[],
  version: string,
): Promise<Iterable<Uint8Array>> {
  const packets: Kept[] = [];
  const reasons = new Set<NoPackets>();
  let oldest = Number.NaN;
  let room = EXPORT_PACKET_BYTES;
  for (const wanted of wantedBy(flows)) {
    const answer = await source.packets(wanted.connection, wanted.from, wanted.to, room);
    if (typeof answer === 'string') {
      reasons.add(answer);
      continue;
    }
    oldest = Math.max(answer.oldest, Number.isNaN(oldest) ? 0 : oldest);
    for (const packet of answer.packets) {
      packets.push({ ...packet, wanted });
      room -= packet.data.length;
    }
    if (answer.cut || room <= 0) throw new HubError('PACKETS_TOO_MANY');
    comment(wanted, packets);
  }
  if (packets.length === 0) throw nothing(reasons, oldest);
  packets.sort((a, b) => a.time - b.time);
  return file(withoutCopies(packets), flows, workers, version);
}

function wantedBy(flows: readonly Flow[]): Iterable<Wanted> {
  const connections = new Map<string, Wanted>();
  for (const flow of flows) {
    const time = parseTime(flow.time);
    const from = time - MARGIN;
    const to = time + (flow.elapsedMs ?? 0) * 1000 + MARGIN;
    const wanted = connections.get(flow.connection);
    if (wanted === undefined) {
      connections.set(flow.connection, {
        connection: flow.connection,
        node: flow.node,
        from,
        to,
        flows: [flow],
      });
      continue;
    }
    wanted.from = Math.min(wanted.from, from);
    wanted.to = Math.max(wanted.to, to);
    wanted.flows.push(flow);
  }
  return connections.values();
}

/** The packet that begins an exchange says which. */
function comment({ flows, connection }: Wanted, packets: readonly Kept[]): void {
  const byTime = new Map(flows.map((flow) => [parseTime(flow.time), flow]));
  for (const packet of packets) {
    if (packet.wanted.connection !== connection) continue;
    const time = Math.floor(packet.time);
    const flow = byTime.get(time);
    if (flow === undefined) continue;
    byTime.delete(time);
    const { request, response } = flow;
    packet.comment = `flow ${flow.id}: ${request === undefined ? '(no request)' : `${request.method} ${request.path}`} → ${response?.status ?? 'no answer'}`;
  }
}

/** What two workers saw of one packet differs in nothing that is exported. */
function withoutCopies(packets: readonly Kept[]): Kept[] {
  const seen = new Map<string, Wanted>();
  return packets.filter(({ data, wanted, wireLength }) => {
    const head = Buffer.from(data.buffer, data.byteOffset, Math.min(data.length, 60)).toString('latin1');
    const key = `${wireLength} ${head}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, wanted);
    return first === undefined || first === wanted;
  });
}

function* file(
  packets: readonly Kept[],
  flows: readonly Flow[],
  workers: readonly WorkerHealth[],
  version: string,
): Generator<Uint8Array> {
  const nodes = [...new Set(packets.map(({ wanted }) => wanted.node))];
  yield sectionHeader(`Remora ${version}`);
  for (const node of nodes) yield interfaceDescription(node);
  yield nameResolution(namesOf(flows));
  for (const { wanted, ...packet } of packets) {
    yield enhancedPacket({ ...packet, node: nodes.indexOf(wanted.node) });
  }
  const end = packets[packets.length - 1].time;
  for (const [n, node] of nodes.entries()) {
    const counters = workers.find((worker) => worker.node === node)?.counters;
    if (counters === undefined) continue;
    yield interfaceStatistics(n, end, {
      received: counters['packetsCaptured'] ?? 0,
      interfaceDrops: counters['interfaceDrops'] ?? 0,
      kernelDrops: counters['kernelDrops'] ?? 0,
    });
  }
}

/** `pod.namespace`, else `service.namespace`; of addresses that have a name. */
function namesOf(flows: readonly Flow[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { src, dst } of flows) {
    for (const endpoint of [src, dst]) {
      const name = nameOf(endpoint);
      if (name !== endpoint.ip) names.set(endpoint.ip, name);
    }
  }
  return names;
}

function nameOf({ pod, service, name, namespace }: Endpoint): string {
  const own = pod ?? service ?? name;
  return namespace === undefined ? own : `${own}.${namespace}`;
}

function nothing(reasons: ReadonlySet<NoPackets>, oldest: number): HubError {
  if (reasons.has('not-recording')) return new HubError('RECORDING_OFF');
  if (reasons.has('away')) return new HubError('WORKER_AWAY');
  const from = oldest > 0 ? `the worker has those since ${formatTime(oldest)}` : 'the worker has none';
  return new HubError('PACKETS_OVERWRITTEN', from);
}
