import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Flow } from '../../../flow/flow.ts';
import { parseTime } from '../../../flow/time.ts';
import { HubError, type HubErrorCode } from '../../errors.ts';
import { packetExport } from '../../export/packet-export.ts';
import type { FlowQuery, Store } from '../../store/store.ts';
import type { ApiContext } from '../context.ts';
import { API_LIMITS } from '../limits.ts';
import { filterProperty, IdParams, rangeProperties } from '../schema/query.ts';
import { readRange } from '../time-range.ts';
import type { App } from '../type-provider.ts';
import { errorResponses } from './errors.ts';

const MEDIA_TYPE = 'application/x-pcapng';
const NONE: HubErrorCode[] = [
  'PACKETS_OVERWRITTEN',
  'WORKER_AWAY',
  'RECORDING_OFF',
  'PACKETS_TOO_MANY',
  'EXPORT_BUSY',
  'REQUEST_INVALID',
];

/** Packets of flows, of a connection, of what a filter selects: what workers still have of them, secrets overwritten. */
export function packetRoutes(app: App, { store, packets, health, clock, version }: ApiContext): void {
  let running = 0;
  const answer = async (reply: FastifyReply, flows: () => Promise<Flow[]>): Promise<FastifyReply> => {
    if (running >= API_LIMITS.exports) throw new HubError('EXPORT_BUSY');
    running++;
    try {
      const { workers } = await health();
      const file = Readable.from(await packetExport(packets, await flows(), workers, version), {
        objectMode: false,
      });
      file.on('close', () => {
        running--;
      });
      return reply.type(MEDIA_TYPE).send(file);
    } catch (error) {
      running--;
      throw error;
    }
  };

  app.get(
    '/api/v1/flows/:id.pcapng',
    {
      exposeHeadRoute: false,
      schema: { ...describe('The packets of one flow.', 'FLOW_NOT_FOUND'), params: IdParams },
    },
    ({ params }, reply) =>
      answer(reply, async () => {
        const flow = await store.flow(params.id);
        if (flow === undefined) throw new HubError('FLOW_NOT_FOUND');
        return [flow];
      }),
  );

  app.get(
    '/api/v1/connections/:id.pcapng',
    {
      exposeHeadRoute: false,
      schema: { ...describe('The packets of one connection.', 'CONNECTION_NOT_FOUND'), params: IdParams },
    },
    ({ params }, reply) =>
      answer(reply, async () => {
        const connection = await store.connection(params.id);
        if (connection === undefined) throw new HubError('CONNECTION_NOT_FOUND');
        const range = { from: parseTime(connection.start), to: parseTime(connection.end) + 1 };
        const flows = await flowsOf(store, { filter: '', ...range });
        return flows.filter((flow) => flow.connection === connection.id);
      }),
  );

  app.get(
    '/api/v1/flows.pcapng',
    {
      exposeHeadRoute: false,
      schema: {
        ...describe('The packets of all stored flows of a range.', 'TIME_INVALID', 'RANGE_EMPTY'),
        querystring: Type.Object(
          { filter: filterProperty, ...rangeProperties },
          { additionalProperties: false },
        ),
      },
    },
    async ({ query }, reply) => {
      const range = await readRange(query, clock);
      return answer(reply, () => flowsOf(store, { filter: query.filter ?? '', ...range }));
    },
  );
}

function describe(summary: string, ...codes: HubErrorCode[]) {
  return {
    summary: `${summary} Secrets in them are overwritten.`,
    tags: ['flows'],
    response: {
      200: { description: 'A pcapng file.', content: { [MEDIA_TYPE]: { schema: Type.String() } } },
      ...errorResponses(...NONE, ...codes),
    },
  };
}

/** All flows of a query. Rejects with HubError PACKETS_TOO_MANY. */
async function flowsOf(store: Store, query: Pick<FlowQuery, 'filter' | 'from' | 'to'>): Promise<Flow[]> {
  const flows: Flow[] = [];
  let before: string | null = null;
  do {
    const cursor: Pick<FlowQuery, 'before'> = before === null ? {} : { before };
    const page: { flows: Flow[]; next: string | null } = await store.fullFlows({
      ...query,
      ...cursor,
      limit: API_LIMITS.exportPageFlows,
      budgetMs: API_LIMITS.queryBudgetMs,
    });
    // Bodies are not needed, and may be large.
    for (const flow of page.flows) flows.push(withoutBodies(flow));
    if (flows.length > API_LIMITS.packetExportFlows) throw new HubError('PACKETS_TOO_MANY');
    before = page.next;
  } while (before !== null);
  return flows;
}

function withoutBodies({ request, response, ...flow }: Flow): Flow {
  if (request !== undefined) delete request.body;
  if (response !== undefined) delete response.body;
  return {
    ...flow,
    ...(request === undefined ? {} : { request }),
    ...(response === undefined ? {} : { response }),
  };
}
