import type { Endpoint, Hop } from '../../../flow/flow.ts';
import { connectionId, ExchangeLayout, PartFlag, RecordView, withHops } from '../../../flow/record.ts';
import { formatTime } from '../../../flow/time.ts';
import type { Arrival } from '../../store/store.ts';
import { isInboundPort, legOf } from './sidecar.ts';

/**
 * The exchange that went these ways (in order from client to server, each as it would arrive by itself): what was seen between the
 * pods, or at the client where that is not among them; with the time that the client waited and the one that the server took.
 */
export function composeWays(ways: readonly Arrival[]): Arrival {
  const views = ways.map(({ record }) => new RecordView().at(record, 0));
  const [first, last] = [0, ways.length - 1];
  const middle = ways.findIndex((way) => legOf(way) === 'between');
  const main = Math.max(first, middle);
  const arrival = ways[main]!;
  const record = withHops(
    views[main]!,
    ways.map((way, n) => hopOf(way, views[n]!)),
  );
  setSpans(record, views[first]!, views[last]!);
  return {
    ...arrival,
    record,
    src: ways[middle < 0 ? first : middle]!.src,
    dst: serverOf(ways[middle < 0 ? last : middle]!.dst, ways[last]!.dst),
    observations: ways.reduce((sum, { observations }) => sum + observations, 0),
  };
}

/** The sidecar's port is none that anybody calls. */
function serverOf(dst: Endpoint, behind: Endpoint): Endpoint {
  return isInboundPort(dst.port) ? { ...dst, port: behind.port } : dst;
}

function hopOf(way: Arrival, view: RecordView): Hop {
  const { node, src, dst } = way;
  const hop: Hop = {
    ...{ time: formatTime(view.time), node, src, dst },
    status: view.status,
    connection: connectionId(view, way),
  };
  if (!Number.isNaN(view.elapsed)) hop.elapsedMs = Math.max(0, Math.round(view.elapsed)) / 1000;
  return hop;
}

function setSpans(record: Uint8Array<ArrayBuffer>, atClient: RecordView, atServer: RecordView): void {
  const wholeAtClient = atClient.observed?.wholeAtClient ?? atClient.elapsed;
  const wholeAtServer = atServer.observed?.wholeAtServer ?? atServer.elapsed;
  if (Number.isNaN(wholeAtClient) || Number.isNaN(wholeAtServer)) return;
  const data = new DataView(record.buffer);
  data.setFloat64(ExchangeLayout.serverSpan, atServer.observed?.server ?? atServer.serverSpan, true);
  data.setFloat64(ExchangeLayout.wholeAtServer, wholeAtServer, true);
  data.setFloat64(ExchangeLayout.wholeAtClient, wholeAtClient, true);
  data.setUint8(ExchangeLayout.parts, data.getUint8(ExchangeLayout.parts) | PartFlag.observed);
}
