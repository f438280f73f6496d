import type { NoAnswer, NoPackets, PacketReader } from '../../ingest/packet-requests.ts';
import { Copies } from './copies.ts';
import type { ExportedPacket } from './format.ts';
import { inOrder, type Origin } from './in-order.ts';
import { MissingPackets } from './missing.ts';
import type { WantedPackets } from './wanted.ts';

/** Whoever has the packets: worker sessions. */
export interface PacketSource {
  /** `raw`: as they were captured, with the secrets in them. */
  packets(session: string, raw?: boolean): PacketReader | NoPackets;
}

/** IPv4; IPv6 has more. */
const IP_HEADER = 20;

/** The packets of flows, from the workers that have them: in order of time, each once. Bounded in memory. */
export class PacketExport {
  readonly wanted: WantedPackets;
  readonly missing: MissingPackets;
  /** Of all that is there; copies are not known yet. */
  packets = 0;
  bytes = 0;
  /** Packets read. */
  given = 0;
  readonly #origins: Origin[] = [];
  /** The ones that workers hold something for. */
  readonly #readers = new Set<PacketReader>();
  readonly #cancelled: AbortSignal;
  readonly #onCancelled = () => this.close();

  private constructor(wanted: WantedPackets, missing: MissingPackets, cancelled: AbortSignal) {
    this.wanted = wanted;
    this.missing = missing;
    this.#cancelled = cancelled;
    cancelled.addEventListener('abort', this.#onCancelled);
  }

  /**
   * Asks the workers what they have. Whoever opens an export must `close` it. `now`: µs. Once `cancelled` is aborted no worker is
   * asked any more, and this and `read` reject with its reason.
   */
  static async open(
    source: PacketSource,
    wanted: WantedPackets,
    now: number,
    cancelled: AbortSignal,
    missing = new MissingPackets(),
  ): Promise<PacketExport> {
    cancelled.throwIfAborted();
    const opened = new PacketExport(wanted, missing, cancelled);
    await Promise.all(
      [...wanted.workers.values()].map(async (worker) => {
        const reader = source.packets(worker.session);
        if (typeof reader === 'string') {
          missing.none(worker, reader);
          return;
        }
        opened.#readers.add(reader);
        reader.want(worker.numbers);
        const estimate = await reader.estimate();
        if (typeof estimate === 'string') {
          // It may have been too slow, and think of it still.
          opened.#end(reader);
          missing.none(worker, estimate);
          return;
        }
        missing.overwritten(worker, estimate, now);
        if (estimate.isCut) missing.tooMany(worker);
        if (estimate.total.packets === 0) opened.#end(reader);
        else opened.#origins.push({ session: worker.session, node: worker.node, reader });
        opened.packets += estimate.total.packets;
        opened.bytes += estimate.total.bytes + estimate.total.packets * IP_HEADER;
      }),
    );
    cancelled.throwIfAborted();
    return opened;
  }

  async *read(): AsyncGenerator<ExportedPacket[], void> {
    const copies = new Copies();
    const onLost = ({ node }: Origin, why: NoAnswer) => {
      // It is not the worker that gives no more.
      this.#cancelled.throwIfAborted();
      this.missing.rest(node, why);
    };
    for await (const piece of inOrder(this.#origins, onLost)) {
      this.#cancelled.throwIfAborted();
      const once = piece.filter(({ origin, packet }) => {
        const { connection, time, data } = packet;
        return (
          !copies.isCopy({ origin, packet }) &&
          !this.wanted.isBeyond(`${origin.session}-${connection}`, time, data)
        );
      });
      this.given += once.length;
      yield once.map(
        ({ origin: { session, node }, packet: { connection: number, time, data, wireLength } }) => {
          const connection = `${session}-${number}`;
          const comments = this.wanted.commentsOn(connection, time, data);
          return { node, connection, time, data, wireLength, comments };
        },
      );
    }
  }

  /** Lets go of what the workers hold for it, once. */
  close(): void {
    this.#cancelled.removeEventListener('abort', this.#onCancelled);
    for (const reader of this.#readers) this.#end(reader);
  }

  #end(reader: PacketReader): void {
    this.#readers.delete(reader);
    reader.end();
  }
}
