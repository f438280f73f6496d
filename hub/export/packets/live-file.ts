import { setTimeout as delay } from 'node:timers/promises';
import type { Follower } from '../../live/live.ts';
import { packetPieces } from './file.ts';
import type { PacketFormat } from './format.ts';
import { NameTable } from './names.ts';
import { PacketExport, type PacketSource } from './packet-export.ts';
import { WantedPackets } from './wanted.ts';

export interface LiveFileOptions {
  format: PacketFormat;
  source: PacketSource;
  follower: Follower;
  /** Where Remora's page is, without a final slash. */
  page: string;
  application: string;
  /** Aborted when nobody reads the file any more. While there is nothing to give, nothing else ends it. */
  gone: AbortSignal;
}

/** How often it is looked for new flows, ms. */
const PAUSE_MS = 500;
/** Connections of which it is remembered what was given; the ones not seen for longest are forgotten first. */
const MAX_CONNECTIONS = 10_000;

/** A file that goes on until nobody reads it any more: the packets of each flow when it has ended. */
export async function* liveFile({
  format,
  source,
  follower,
  page,
  application,
  gone,
}: LiveFileOptions): AsyncGenerator<Uint8Array, void> {
  const writer = format.writer();
  const names = new NameTable();
  const given = new GivenPackets();
  yield writer.begin(application, []);
  while (!gone.aborted) {
    const { flows, skipped } = follower.take();
    if (flows.length === 0 && skipped === 0) {
      await delay(PAUSE_MS, undefined, { signal: gone }).catch(() => {});
      continue;
    }
    const wanted = new WantedPackets(page, names);
    if (skipped > 0)
      wanted.remark(`${skipped} flows before this packet are left out: there were too many to follow.`);
    for (const flow of flows) wanted.add(flow);
    const exported = await PacketExport.open(source, wanted, Date.now() * 1000, gone);
    for (const sentence of exported.missing.sentences) wanted.remark(sentence);
    yield* packetPieces(writer, exported, (connection, time) => given.isNew(connection, time));
  }
}

/** Exchanges of one connection share packets: each is given once. */
class GivenPackets {
  /** Time of the last packet, by connection. */
  readonly #until = new Map<string, number>();

  isNew(connection: string, time: number): boolean {
    if (time <= (this.#until.get(connection) ?? 0)) return false;
    this.#until.delete(connection);
    this.#until.set(connection, time);
    if (this.#until.size > MAX_CONNECTIONS) {
      const [oldest] = this.#until.keys();
      this.#until.delete(oldest);
    }
    return true;
  }
}
