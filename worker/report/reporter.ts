import type { RecordWriter } from '../../flow/record.ts';
import type { Exchange } from '../dissect/dissector.ts';
import type { Policy } from '../redact/policy.ts';
import type { CloseReason, ConnectionInfo } from '../tcp/stream.ts';
import { writeConnection, writeServerName } from './connection-record.ts';
import { ExchangeWriter } from './exchange-record.ts';
import { KnownNames } from './known-names.ts';

/** An open connection is told again after so long, µs. */
const TELL_AGAIN = 5_000_000;

/** A connection that had exchanges and is still open. */
interface Told {
  readonly connection: ConnectionInfo;
  swapped: boolean;
  /** Differing bytes of both directions that earlier exchanges were marked with. */
  conflictBytes: number;
  /** Something happened since it was told. */
  news: boolean;
  toldAt: number;
}

/** Makes records of what the dissectors find: exchanges when they end, connections when they end and now and then before. */
export class Reporter {
  readonly #writer: RecordWriter;
  readonly #exchanges: ExchangeWriter;
  /** Bounded by the connections that TCP keeps. */
  readonly #open = new Map<number, Told>();
  readonly #names = new KnownNames();

  constructor(writer: RecordWriter, policy: Policy, maxBody: number) {
    this.#writer = writer;
    this.#exchanges = new ExchangeWriter(writer, policy, maxBody);
  }

  exchange(exchange: Exchange): void {
    const { connection } = exchange;
    let told = this.#open.get(connection.id);
    if (told === undefined) {
      told = { connection, swapped: false, conflictBytes: 0, news: true, toldAt: connection.startTime };
      this.#open.set(connection.id, told);
    }
    const [client, server] = connection.sides;
    const conflictBytes = client.stats.conflictBytes + server.stats.conflictBytes;
    this.#exchanges.write(exchange, conflictBytes > told.conflictBytes);
    told.conflictBytes = conflictBytes;
    told.swapped = exchange.swapped;
    told.news = true;
  }

  /** A client asks for its server by this name. `swapped`: the client is the end that TCP took for the server. */
  serverName(connection: ConnectionInfo, swapped: boolean, name: string): void {
    if (this.#names.isNews(connection, swapped, name)) {
      writeServerName(this.#writer, connection, swapped, name);
    }
  }

  /** The connection is over; one that never carried an exchange is not told. */
  closed(connection: ConnectionInfo, reason: CloseReason): void {
    const told = this.#open.get(connection.id);
    if (told === undefined) return;
    this.#open.delete(connection.id);
    writeConnection(this.#writer, connection, told.swapped, reason);
  }

  /** Tells the connections that are open and had news. `now` in µs. */
  tellOpen(now: number): void {
    for (const told of this.#open.values()) {
      if (!told.news || now - told.toldAt < TELL_AGAIN) continue;
      writeConnection(this.#writer, told.connection, told.swapped, 'open');
      told.news = false;
      told.toldAt = now;
    }
  }
}
