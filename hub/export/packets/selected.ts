import type { WorkerHealth } from '../../../flow/api.ts';
import type { Flow } from '../../../flow/flow.ts';
import { parseTime } from '../../../flow/time.ts';
import { HubError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { ExportJob } from '../job.ts';
import { flowPages, type Selection } from '../pages.ts';
import { MissingPackets } from './missing.ts';
import { PacketExport, type PacketSource } from './packet-export.ts';
import { WantedPackets } from './wanted.ts';

export interface FlowSelection {
  /** CEL; empty: all. */
  filter: string;
  /** [from, to), µs since the epoch. */
  from?: number;
  to?: number;
  /** Only this flow, or the flows of this connection. */
  flow?: string | undefined;
  connection?: string | undefined;
}

export interface Origins {
  store: Store;
  source: PacketSource;
  workers: readonly WorkerHealth[];
  /** Where Remora's page is, without a final slash. */
  page: string;
  job: ExportJob;
}

/** Flows in memory at a time, how many are taken in all, and how long the store may look for each page. */
const PAGES = { limit: 200, budgetMs: 2000 };
export const MAX_PACKET_FLOWS = 100_000;

/** The packets of stored flows. Rejects with HubError FLOW_NOT_FOUND and EXPORT_CANCELLED, and with FilterError. Whoever gets it must `close` it. */
export async function packetsOfFlows(origins: Origins, selection: FlowSelection): Promise<PacketExport> {
  const { store, source, workers, page, job } = origins;
  const missing = new MissingPackets();
  const wanted = new WantedPackets(page);
  if (selection.flow === undefined) {
    await addFlows(origins, wanted, missing, sinceRecorded(selection, workers), selection);
  } else {
    const flow = await store.flow(selection.flow);
    if (flow === undefined) throw new HubError('FLOW_NOT_FOUND');
    wanted.add(flow);
  }
  return PacketExport.open(source, wanted, Date.now() * 1000, job.signal, missing);
}

/** History is longer than what workers remember: flows that none of them can have packets of are not looked for. */
function sinceRecorded({ from }: FlowSelection, workers: readonly WorkerHealth[]): number | undefined {
  const oldest = Math.min(
    ...workers.map(({ counters }) => counters['recordOldest'] || Number.POSITIVE_INFINITY),
  );
  return oldest === Number.POSITIVE_INFINITY || (from !== undefined && from > oldest) ? from : oldest;
}

async function addFlows(
  { store, job }: Origins,
  wanted: WantedPackets,
  missing: MissingPackets,
  from: number | undefined,
  { filter, connection, to, from: asked }: FlowSelection,
): Promise<void> {
  const flowsIn = (from?: number, to?: number): Selection => ({
    filter: ofConnection(filter, connection),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  const paging = { ...PAGES, job };
  let last: Flow | undefined;
  for await (const flows of flowPages(store, flowsIn(from, to), paging)) {
    // Looked at before the next page is added, so that the last page of all may end at the limit.
    if (flows.length > 0 && last !== undefined && wanted.flows >= MAX_PACKET_FLOWS) {
      missing.before(parseTime(last.time), `one file has the packets of at most ${MAX_PACKET_FLOWS} flows`);
      return;
    }
    for (const flow of flows) wanted.add(flow);
    last = flows.at(-1) ?? last;
  }
  if (from === undefined || from === asked) return;
  const older = flowsIn(asked, Math.min(from, to ?? from));
  const { flows } = await store.fullFlows({ ...older, ...PAGES, limit: 1 }, job.signal);
  if (flows.length > 0) missing.overwrittenBefore(from);
}

function ofConnection(filter: string, connection: string | undefined): string {
  if (connection === undefined) return filter;
  const own = `connection == ${JSON.stringify(connection)}`;
  return filter.trim() === '' ? own : `(${filter}) && ${own}`;
}
