import type { Socket } from 'node:net';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import { HubError } from '../errors.ts';
import type { KeyPair } from '../tls/key-pair.ts';
import { writeAnswer } from './bare-answer.ts';
import type { ApiContext } from './context.ts';
import { errorAnswer } from './error-answer.ts';
import { ExportSlots } from './export-slots.ts';
import { API_LIMITS } from './limits.ts';
import { sendErrorPage, servePage, wantsPage } from './page.ts';
import { aboutRoutes } from './routes/about.ts';
import { connectionRoutes } from './routes/connections.ts';
import { documentRoutes } from './routes/documents.ts';
import { exportRoutes } from './routes/export.ts';
import { flowRoutes } from './routes/flows.ts';
import { mapRoutes } from './routes/map.ts';
import { packetRoutes } from './routes/packets.ts';
import { isProbe, probeRoutes } from './routes/probes.ts';
import { runningExportRoutes } from './routes/running-exports.ts';
import { summaryRoutes } from './routes/summary.ts';
import { targetRoutes } from './routes/targets.ts';
import * as answerSchemas from './schema/answers.ts';
import * as flowSchemas from './schema/flow.ts';
import * as targetSchemas from './schema/targets.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { isLoopback } from './site.ts';
import type { App } from './type-provider.ts';

/** Everything the hub answers over HTTP. Not listening yet: `app.server` also gets the WebSocket upgrades. */
export async function createApp(
  context: ApiContext,
  log: FastifyBaseLogger,
  keyPair: KeyPair | undefined,
): Promise<App> {
  // Fastify's types tell apart what behaves alike here: its instances on plain HTTP and on TLS.
  const app = fastify({
    ...listener(keyPair),
    loggerInstance: log,
    // Addresses of requests may bear the token.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
    frameworkErrors: answerError,
    clientErrorHandler: answerNoHttp,
  } as FastifyServerOptions) as App;
  // Flows go out as they are: their schemas describe them and must never cut anything off.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => answerError(new HubError('ROUTE_NOT_FOUND'), request, reply));

  // First the headers, so that refusals bear them too; then who asks; nothing is looked at before that.
  app.addHook('onRequest', async (request, reply) => {
    addSecurityHeaders(reply);
    if (isProbe(request.url)) return;
    context.site.check(request.headers);
    const token = loginToken(request);
    if (token === undefined) return context.auth.checkBrowser(request.headers);
    // Of this machine's own names the browser may have said http: the command line forwards that to our TLS.
    const secure = request.protocol === 'https' && !isLoopback(request.headers.host);
    return reply
      .header('set-cookie', context.auth.login(token, request.headers, secure))
      .redirect(withoutToken(request.url), 303);
  });

  await app.register(swagger, openApiOptions(context.version));
  for (const schemas of [flowSchemas, answerSchemas, targetSchemas]) {
    for (const schema of Object.values(schemas)) app.addSchema(schema);
  }
  connectionRoutes(app, context);
  flowRoutes(app, context);
  const slots = new ExportSlots(context.store);
  exportRoutes(app, context, slots);
  documentRoutes(app, context, slots);
  packetRoutes(app, context, slots);
  runningExportRoutes(app, slots);
  mapRoutes(app, context);
  summaryRoutes(app, context);
  targetRoutes(app, context);
  aboutRoutes(app, context);
  probeRoutes(app, context);
  await servePage(app, context.uiDir);
  await app.ready();
  return app;
}

/** Plain HTTP, or TLS with what its server shows. */
function listener(keyPair: KeyPair | undefined) {
  const http = { maxHeaderSize: API_LIMITS.requestHeadBytes };
  if (keyPair === undefined) return { http };
  const { cert, key } = keyPair;
  return {
    https: { ...http, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: API_LIMITS.tlsHandshakeMs },
  };
}

/** The token of `/?token=…`, the address that is printed at the start. It works as often as it is opened. */
function loginToken(request: FastifyRequest): string | undefined {
  if (!request.url.startsWith('/?')) return undefined;
  return new URLSearchParams(request.url.slice(2)).get('token') ?? undefined;
}

/** The page's state (a filter) stays in the address, the token does not. */
function withoutToken(url: string): string {
  const params = new URLSearchParams(url.slice(2));
  params.delete('token');
  return params.size === 0 ? '/' : `/?${params}`;
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = errorAnswer(error);
  if (status >= 500) request.log.error({ err: error, code: body.code }, 'a request failed');
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="remora"');
  if (status === 429) reply.header('retry-after', '60');
  // Errors of the framework come before any hook.
  addSecurityHeaders(reply);
  if (wantsPage(request)) return sendErrorPage(reply, status, body);
  // An export that fails at its first flow has set its own type already.
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}

/** Node's codes of what is no HTTP, or too slow; with others there is nobody to answer, or TLS has not come about. */
const HTTP_FAULT = /^(HPE|ERR_HTTP)_/;

/** What is no HTTP at all never becomes a request. */
function answerNoHttp({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writable && HTTP_FAULT.test(code ?? '')) {
    writeAnswer(socket, 400, new HubError('REQUEST_INVALID').toApiError());
  } else {
    socket.destroy();
  }
}

function openApiOptions(version: string) {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Remora hub',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        description:
          'What services say to each other. All times are RFC 3339, UTC. Live flows come over the WebSocket ' +
          '`/api/v1/live`, whose messages are described in `flow/api.ts`.',
      },
      tags: [
        { name: 'flows', description: 'Requests and their answers, redacted.' },
        { name: 'map', description: 'Who talks to whom.' },
        { name: 'targets', description: 'Which pods are tapped.' },
        { name: 'hub', description: 'The hub itself.' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http' as const,
            scheme: 'bearer',
            description: 'The token that is printed at the start, or REMORA_TOKEN.',
          },
        },
      },
      security: [{ bearer: [] }],
    },
    refResolver: {
      buildLocalReference: (json: { $id?: unknown }, _base: unknown, _fragment: unknown, index: number) =>
        typeof json.$id === 'string' ? json.$id : `def-${index}`,
    },
  };
}
