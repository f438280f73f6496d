import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type PacketEstimate, RAW_CONFIRMATION } from '../../../flow/api.ts';
import { HubError } from '../../errors.ts';
import { type FileContext, packetFile } from '../../export/packets/file.ts';
import type { PacketFormat } from '../../export/packets/format.ts';
import { liveFile } from '../../export/packets/live-file.ts';
import type { PacketExport, PacketSource } from '../../export/packets/packet-export.ts';
import { PCAP } from '../../export/packets/pcap.ts';
import { PCAPNG } from '../../export/packets/pcapng.ts';
import { packetsOfFlows } from '../../export/packets/selected.ts';
import type { ApiContext } from '../context.ts';
import { sendExport } from '../export-answer.ts';
import type { ExportSlots } from '../export-slots.ts';
import { goneSignal } from '../gone.ts';
import { RawExports } from '../raw-export.ts';
import { ref } from '../schema/build.ts';
import { filterProperty, progressProperty, rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const Query = Type.Object(
  {
    filter: filterProperty,
    progress: progressProperty,
    ...rangeProperties,
    flow: Type.Optional(Type.String({ maxLength: 64, description: 'Id of one flow.' })),
    connection: Type.Optional(Type.String({ maxLength: 64, description: 'Id of one connection.' })),
    follow: Type.Optional(
      Type.Boolean({
        description:
          'Packets of flows that end from now on, until the client goes away; with `filter` only. Stored ones are left out.',
      }),
    ),
    raw: Type.Optional(
      Type.Boolean({
        description:
          'As they were captured, with the secrets in them: of a hub and workers with --allow-raw-export, with the header ' +
          '`Remora-Confirm`, and not with `follow` or `estimate`. Each time is written to the audit log.',
      }),
    ),
    estimate: Type.Optional(
      Type.Boolean({ description: 'How much it would be, and what is missing, as JSON.' }),
    ),
  },
  { additionalProperties: false },
);

const Headers = Type.Object({
  [RAW_CONFIRMATION.header]: Type.Optional(
    Type.String({
      description: `\`${RAW_CONFIRMATION.value}\`: the packets are meant to have secrets in them.`,
    }),
  ),
});

/** What is in the file, for whoever gets it from another. */
const RAW_REMARK = 'There are secrets in this file: its packets are as they were captured.';

/** `/api/v1/flows.NAME` for each format of packets: what workers still have of flows, secrets overwritten. */
export function packetRoutes(app: App, context: ApiContext, slots: ExportSlots): void {
  const { store, packets, follow, health, clock, version } = context;
  const rawExports = new RawExports(context.audit, app.log);
  const rawPackets: PacketSource = { packets: (session) => packets.packets(session, true) };
  const file: FileContext = {
    application: `Remora ${version}`,
    workers: async () => (await health()).workers,
  };

  for (const format of [PCAPNG, PCAP]) {
    app.get(
      `/api/v1/flows.${format.name}`,
      {
        // The length of an export is not known before it has been made.
        exposeHeadRoute: false,
        schema: {
          summary: `Of stored flows of a range ${format.description}. Secrets are overwritten, unless raw is given. Workers keep them for a while.`,
          tags: ['flows'],
          querystring: Query,
          headers: Headers,
          response: {
            200: {
              description:
                'Packets in the order of their times. An answer that is cut off has no end in HTTP either (chunked).',
              content: {
                [format.mediaType]: { schema: Type.String() },
                'application/json': { schema: ref<PacketEstimate>('PacketEstimate') },
              },
            },
            ...errorResponses(
              ...([
                'EXPORT_EMPTY',
                'FLOW_NOT_FOUND',
                'PACKETS_OVERWRITTEN',
                'WORKER_AWAY',
                'RECORDING_OFF',
              ] as const),
              ...([
                'RAW_EXPORT_OFF',
                'RAW_EXPORT_UNCONFIRMED',
                'RAW_EXPORT_REFUSED',
                'AUDIT_UNWRITABLE',
              ] as const),
              ...([
                'EXPORT_BUSY',
                'EXPORT_CANCELLED',
                'REQUEST_INVALID',
                'TIME_INVALID',
                'RANGE_EMPTY',
              ] as const),
            ),
          },
        },
      },
      async (request, reply) => {
        const {
          filter = '',
          flow,
          connection,
          estimate,
          follow: isLive,
          raw,
          progress,
          ...times
        } = request.query;
        if (raw) rawExports.check(request);
        const page = pageOf(request);
        if (
          isLive &&
          [flow, connection, estimate, times.from, times.to].some((given) => given !== undefined)
        ) {
          throw new HubError('REQUEST_INVALID', '`follow` goes with `filter` only');
        }
        if (raw && (isLive || estimate)) {
          throw new HubError('REQUEST_INVALID', '`raw` goes neither with `follow` nor with `estimate`');
        }
        const range = await readRange(times, clock);
        const { job, giveBack } = slots.take(goneSignal(reply), progress);
        try {
          if (isLive) {
            const follower = follow(filter);
            const live = {
              format,
              source: packets,
              follower,
              page,
              application: file.application,
              gone: job.signal,
            };
            return sendExport(reply.type(format.mediaType), liveFile(live), job, () => {
              follower.close();
              giveBack();
            });
          }
          const selection = { filter, flow, connection, ...range };
          const exported = await packetsOfFlows(
            { store, source: raw ? rawPackets : packets, page, workers: await file.workers(), job },
            selection,
          );
          if (!estimate && exported.packets > 0) {
            job.write(exported);
            const record = raw
              ? await rawExports.begin(request, { format: format.name, selection, exported })
              : undefined;
            const pieces = packetFile(format, exported, file, record === undefined ? [] : [RAW_REMARK]);
            return sendExport(reply.type(format.mediaType), record?.count(pieces) ?? pieces, job, () => {
              exported.close();
              giveBack();
              void record?.end(exported.given);
            });
          }
          exported.close();
          if (!estimate) throw nothing(exported);
          giveBack();
          return reply.type('application/json').send(estimateOf(exported, format));
        } catch (error) {
          // Workers that have been asked need not keep anything for it.
          job.cancel();
          giveBack();
          throw error;
        }
      },
    );
  }
}

/** The page's address, as whoever asks has it. */
function pageOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`;
}

function estimateOf({ packets, bytes, wanted, missing }: PacketExport, format: PacketFormat): PacketEstimate {
  return {
    flows: wanted.flows,
    packets,
    bytes: bytes + packets * format.overhead,
    missing: missing.sentences,
  };
}

/** Why there is no file. */
function nothing({ wanted, missing: { reasons, sentences } }: PacketExport): HubError {
  const detail = sentences.length === 0 ? undefined : sentences.join(' ');
  if (wanted.flows === 0 && !reasons.has('overwritten')) return new HubError('EXPORT_EMPTY', detail);
  if (reasons.has('refused')) return new HubError('RAW_EXPORT_REFUSED', detail);
  if (reasons.has('overwritten')) return new HubError('PACKETS_OVERWRITTEN', detail);
  if (reasons.has('away')) return new HubError('WORKER_AWAY', detail);
  return new HubError(reasons.has('given-up') ? 'EXPORT_BUSY' : 'RECORDING_OFF', detail);
}
