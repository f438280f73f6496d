import type { AddressNames } from './address-names.ts';
import type { MarkedPacket } from './exchange-mark.ts';
import type { Problem } from './problem.ts';

/**
 * The messages between a worker and the hub: one WebSocket, `/worker`, dialled by the worker with
 * `Authorization: Bearer TOKEN`.
 *
 *   worker → hub   hello (text), then batches (binary) and status (text, once a second), and names and marks (text) that a
 *                  capture file has
 *   hub → worker   welcome (text), then an ack for each batch once it is committed, and targets (text) for a worker that asks for them;
 *                  packets (text) for one that records, answered by binary frames
 *
 * Batches of a session are numbered from 1 without holes, except where the spool had to drop some. After a reconnect the worker says hello with
 * the same session; welcome says the last batch committed; the worker sends again what comes after. The hub
 * ignores a batch it has.
 */

export const WIRE_VERSION = 1;

/** A binary frame: u8 kind = 1, u8 0, u16 0, u32 batch number, u32 record count, u32 0, then the records (flow/record.ts), little endian. */
export const BATCH_KIND = 1;
export const BATCH_HEADER = 16;

export interface Hello {
  type: 'hello';
  wire: number;
  version: string;
  /** Random, one a worker process: batch numbers count within it. */
  session: string;
  node: string;
  mode: 'live' | 'file';
  /** Interfaces or file names. */
  sources: string[];
  limits: Record<string, number>;
  /** The hub is to say which packets are wanted: TargetsMessage. Otherwise all of them are. */
  targets?: boolean;
}

export interface Status {
  type: 'status';
  /** Totals since the session began: packets, bytes, kernelDrops, interfaceDrops, spoolDroppedFlows, lostBytes, ... */
  counters: Record<string, number>;
  /** What the worker's clock says as this is sent, ms since the epoch. */
  clock?: number;
  /** Why it cannot capture, while it cannot. */
  problem?: Problem;
  progress?: number;
  /** A file worker that has sent all it had. */
  done?: boolean;
  /** Sessions of earlier workers some of whose packets this one has: it gives them as its own (PacketsMessage). */
  recordedSessions?: string[];
}

/** What a capture file calls its addresses (flow/address-names.ts). It comes before the batches of what the file has behind it. */
export interface NamesMessage {
  type: 'names';
  names: AddressNames[];
}

/** What a capture file says of exchanges in it (flow/exchange-mark.ts). It comes before the batches that these exchanges are in. */
export interface MarksMessage {
  type: 'marks';
  marks: MarkedPacket[];
}

/** Bytes of names or marks in one message, about: it stays below what a hub takes (64 KiB). */
export const MAX_TOLD_BYTES = 48 * 1024;

export interface Welcome {
  type: 'welcome';
  lastBatch: number;
}

export interface Ack {
  type: 'ack';
  /** All batches up to this one are committed. */
  batch: number;
}

/**
 * Which packets are wanted by a worker that leaves that to the hub: those with one of these at either end. It comes after welcome
 * (`reset`) and at changes. An entry is
 *
 *   IP                     every port of a pod
 *   IP:PORT, [IPv6]:PORT   one port of an address that pods share: hostNetwork, hostPort, a service's own address
 *   *:PORT                 a node port, on whichever of a node's addresses
 *   *                      everything
 *
 * Before the first of these a worker wants nothing.
 */
export interface TargetsMessage {
  type: 'targets';
  /** What was wanted before is not wanted any more, apart from what is here. */
  reset: boolean;
  /** Too many for one message: they hold together with those of the next one, and not before it. */
  more?: boolean;
  add: string[];
  remove: string[];
}

/**
 * Asks for recorded packets, in several messages with one number: first what is wanted, then what there is of it, frame by frame, so that
 * the hub sets the pace, then that it is over.
 */
export interface PacketsMessage {
  type: 'packets';
  request: number;
  /** Whose connections are meant, where it is not this worker: one of its `recordedSessions`. */
  session?: string;
  /** Adds to what is wanted: connection as in the records of its exchanges, from and to (exclusive; µs since the epoch), and so on. */
  want?: number[];
  /** `estimate` and `next` are answered by one binary frame each, `end` by nothing. */
  ask?: 'estimate' | 'next' | 'end';
  /**
   * The packets are wanted as they were captured, with the secrets in them. A worker that was not started with the right to give them so
   * refuses, whatever the hub says.
   */
  raw?: boolean;
  /** With `next`: the frame ends behind the packet that makes it as long as this. */
  bytes?: number;
}

/** Link type of the packets in it: they begin with an IP header (LINKTYPE_RAW of the tcpdump group's registry). */
export const LINKTYPE_RAW = 101;

/**
 * A binary frame: u8 kind = 2, u8 of PacketsLeft, u16 (1: more is wanted and there than one request may have, the last packets are left out),
 * u32 request; f64 capture time of the oldest packet the worker has of anything
 * (NaN: none), f64 when it let go of packets as old as the first ones that are wanted (NaN: it has not), f64 packets and f64 bytes of
 * all that is wanted and there; then packets: f64 time (µs), u32 connection, u32 length on the wire, u32 length, u32 0, and so many bytes,
 * from the IP header on. Little endian. Packets are in the order in which they were captured; a frame may have none
 * and yet more to come. No secret is in them, unless `raw` was asked for.
 */
export const PACKETS_KIND = 2;
/**
 * What comes after a frame. A worker gives a request up when too many newer ones have come: of the packets it had not given it gives none.
 * It refuses one that is `raw` where it has no right to that.
 */
export const PacketsLeft = { none: 0, more: 1, givenUp: 2, refused: 3 } as const;
export const PACKETS_HEADER = 40;
export const PACKET_HEADER = 24;
/** Numbers in one `want`: the message stays below what a worker takes (64 KiB). */
export const MAX_WANT = 3000;

/** Entries of one message, added and removed: it stays below what a worker takes (64 KiB). */
export const MAX_TARGETS_IN_MESSAGE = 1000;

/** The hub will not take this worker: wrong wire version, wrong token. The worker stops and says why. */
export interface Refuse {
  type: 'refuse';
  code: string;
  message: string;
}

export type FromWorker = Hello | Status | NamesMessage | MarksMessage;
export type FromHub = Welcome | Ack | TargetsMessage | PacketsMessage | Refuse;
