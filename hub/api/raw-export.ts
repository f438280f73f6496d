import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { RAW_CONFIRMATION } from '../../flow/api.ts';
import { formatTime } from '../../flow/time.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { HubError } from '../errors.ts';
import type { PacketExport } from '../export/packets/packet-export.ts';
import type { FlowSelection } from '../export/packets/selected.ts';
import { credentialOf } from './auth.ts';

/** Longer filters are cut in the audit log, in UTF-16 units: many exports are to find room there. */
const LONGEST_FILTER = 2000;

/** What of an export there is to say in the audit log. */
export interface RawExport {
  readonly format: string;
  readonly selection: FlowSelection;
  readonly exported: PacketExport;
}

/** Packets as they were captured, with the secrets in them: who gets them is written down before. */
export class RawExports {
  readonly #audit: AuditLog | undefined;
  readonly #log: Pick<Logger, 'warn' | 'error'>;

  /** Without `audit` nobody gets them. */
  constructor(audit: AuditLog | undefined, log: Pick<Logger, 'warn' | 'error'>) {
    this.#audit = audit;
    this.#log = log;
  }

  /** Throws HubError where this is not allowed, or not confirmed. */
  check({ headers }: FastifyRequest): void {
    if (this.#audit === undefined) throw new HubError('RAW_EXPORT_OFF');
    if (headers[RAW_CONFIRMATION.header] !== RAW_CONFIRMATION.value)
      throw new HubError('RAW_EXPORT_UNCONFIRMED');
  }

  /** Rejects with HubError where it could not be written down: then the export is closed. */
  async begin(request: FastifyRequest, { format, selection, exported }: RawExport): Promise<RawRecord> {
    const audit = this.#audit;
    if (audit === undefined) throw new HubError('RAW_EXPORT_OFF');
    const { filter, from, to, flow, connection } = selection;
    const who = { id: randomUUID(), peer: request.ip, credential: credentialOf(request.headers) };
    const what = { format, flows: exported.wanted.flows, packets: exported.packets, bytes: exported.bytes };
    const entry = {
      ...{ event: 'raw-export', ...who, filter: cut(filter), from: timeOf(from), to: timeOf(to) },
      ...{ flow, connection, ...what },
    };
    await audit.append(entry).catch((error: unknown) => {
      exported.close();
      throw error;
    });
    this.#log.warn({ ...who, ...what }, 'Packets are given out with the secrets in them.');
    return new RawRecord(async (end) => {
      try {
        await audit.append({ event: 'raw-export-end', id: who.id, ...end });
      } catch (error) {
        this.#log.error(
          { err: error, id: who.id, ...end },
          'The end of a raw export is not in the audit log.',
        );
      }
    });
  }
}

interface End {
  packets: number;
  bytes: number;
  /** `cut-off`: its client went, or the hub did. */
  ended: 'complete' | 'cut-off' | 'failed';
}

/** What has gone out of one export. */
export class RawRecord {
  readonly #write: (end: End) => Promise<void>;
  #bytes = 0;
  #ended: End['ended'] = 'cut-off';

  constructor(write: (end: End) => Promise<void>) {
    this.#write = write;
  }

  /** The same pieces, counted. */
  async *count(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const piece of pieces) {
        this.#bytes += piece.length;
        yield piece;
      }
      this.#ended = 'complete';
    } catch (error) {
      this.#ended = 'failed';
      throw error;
    }
  }

  end(packets: number): Promise<void> {
    return this.#write({ packets, bytes: this.#bytes, ended: this.#ended });
  }
}

function cut(filter: string): string {
  return filter.length <= LONGEST_FILTER ? filter : `${filter.slice(0, LONGEST_FILTER)}…`;
}

function timeOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : formatTime(time);
}
