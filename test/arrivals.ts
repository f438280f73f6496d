/** Arrivals as the hub's intake makes them, for tests of the store. */
import { RecordKind, RecordView } from '../flow/record.ts';
import { formatFlowId } from '../hub/store/flow-id.ts';
import type { Arrival } from '../hub/store/store.ts';
import { type ConnectionSpec, connectionRecord, type ExchangeSpec, exchangeRecord } from './records.ts';

export function arrival(spec: Partial<ExchangeSpec> = {}, changes: Partial<Arrival> = {}): Arrival {
  return arrivalOf(exchangeRecord(spec), changes);
}

export function connectionArrival(
  spec: Partial<ConnectionSpec> = {},
  changes: Partial<Arrival> = {},
): Arrival {
  return arrivalOf(connectionRecord(spec), changes);
}

function arrivalOf(record: Uint8Array, changes: Partial<Arrival>): Arrival {
  const view = new RecordView().at(record, 0);
  const session = changes.session ?? 'session-1';
  return {
    id:
      view.kind === RecordKind.connection
        ? `${session}-${view.connection}`
        : formatFlowId(view.time, view.connection >>> 0, view.srcPort),
    record,
    node: 'node-a',
    session,
    src: { ip: view.srcIp, port: view.srcPort, name: view.srcIp },
    dst: { ip: view.dstIp, port: view.dstPort, name: view.dstIp },
    observations: 1,
    ...changes,
  };
}
