/**
 * A record: a flow, or the end of a connection, as it travels from worker to hub and lies in the store.
 * Little endian; a fixed part, then the variable parts. Redaction has happened before it is written.
 * (Filled in next; the exported names are the contract.)
 */

import type { FlowRow } from './api.ts';
import type { Connection, Endpoint, Flow } from './flow.ts';

export const RecordKind = { exchange: 1, connection: 2 } as const;

/** Reads a record in place: getters, nothing decoded until asked. */
export declare class RecordView {
  /** Length of the record that starts at `offset` of `bytes`; throws RecordError if it is not a record. */
  static lengthAt(bytes: Uint8Array, offset: number): number;
  /** Points the view at a record. Returns itself. */
  at(bytes: Uint8Array, offset: number): this;
  readonly kind: number;
  readonly length: number;
  /** µs since the epoch. */
  readonly time: number;
  /** µs; NaN if not both ends were seen. */
  readonly elapsed: number;
  readonly protocol: string;
  readonly method: string;
  /** Request-target's path and query. */
  readonly path: string;
  readonly host: string;
  readonly mime: string;
  readonly status: number;
  readonly completeness: number;
  readonly gapBytes: number;
  readonly redacted: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly requestSize: number;
  readonly responseSize: number;
  readonly srcIp: string;
  readonly srcPort: number;
  readonly dstIp: string;
  readonly dstPort: number;
  readonly fingerprint: string;
  readonly connection: number;
}

/** What the hub knows beside the record. */
export interface Naming {
  id: string;
  node: string;
  /** Prefix of the connection id: the worker's session. */
  session: string;
  src: Endpoint;
  dst: Endpoint;
}
export declare function toFlow(view: RecordView, naming: Naming): Flow;
export declare function toRow(view: RecordView, naming: Naming): FlowRow;
export declare function toConnection(view: RecordView, naming: Naming): Connection;
