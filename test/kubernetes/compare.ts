import type { Endpoint, Flow } from '../../flow/flow.ts';
import type { Transaction, Truth } from './captures.ts';

/** Flows that should not be there, or not twice, and what is wrong with those that are or should be. */
export function differences(truth: Truth, flows: readonly Flow[]): string[] {
  const left = new Set(flows);
  const found: string[] = [];
  for (const transaction of truth.transactions.filter(({ onWire }) => onWire)) {
    const { requestCaptured = true, responseCaptured = true } = transaction;
    if (!requestCaptured && !responseCaptured) continue;
    const own = [...left].filter((flow) =>
      requestCaptured ? isOf(flow, transaction) : isAnswerOf(flow, transaction),
    );
    for (const flow of own) left.delete(flow);
    if (own.length !== 1) found.push(`${transaction.id}: ${own.length} flows`);
    else found.push(...wrongIn(own[0], transaction, truth).map((what) => `${transaction.id}: ${what}`));
  }
  for (const flow of left) {
    if (!isKnownOddity(flow, truth)) found.push(`not expected: ${describe(flow)}`);
  }
  return found;
}

export function requestId(flow: Flow): string | undefined {
  return flow.request?.headers.find(([name]) => name.toLowerCase() === 'x-request-id')?.[1];
}

/** Probes bear no id, and come from a port of their own. */
function isOf(flow: Flow, { id, client, server }: Transaction): boolean {
  if (client.kind !== 'kubelet') return requestId(flow) === id;
  return flow.src.port === server?.sawClientPort && flow.dst.pod === server.pod;
}

function isAnswerOf(flow: Flow, { status, server, startMs, durationMs }: Transaction): boolean {
  if (flow.request !== undefined || flow.response?.status !== status || flow.dst.pod !== server?.pod)
    return false;
  const time = Date.parse(flow.time);
  return time >= startMs - 1 && time <= startMs + durationMs + 1;
}

/** A client in the node's own network shares its address with all others there. */
function wrongIn(flow: Flow, transaction: Transaction, truth: Truth): string[] {
  const { client, server, dialed, method, path, status, requestCaptured = true } = transaction;
  const pod = truth.pods.find(({ name }) => name === client.pod);
  const inPod = client.kind === 'pod' && pod?.hostNetwork !== true;
  const wrong = [
    ...wrongEnd('src', flow.src, {
      pod: inPod ? client.pod : undefined,
      namespace: inPod ? client.namespace : undefined,
      workload: inPod ? client.workload?.name : undefined,
      node: client.node,
      name: inPod ? client.workload?.name : (client.node ?? client.ip),
      ...(inPod || client.kind === 'external' ? { ip: client.ip, port: client.port } : {}),
    }),
    ...wrongEnd('dst', flow.dst, {
      pod: server?.pod,
      namespace: server?.namespace,
      workload: server?.workload?.name,
      node: server?.node,
      name: server?.workload?.name,
      ip: server?.ip as string,
      port: server?.port as number,
      // Of a request that was not captured, and so its Host neither, an address in a dialled service is all there is.
      service: dialed?.service,
    }),
  ];
  if (requestCaptured && (flow.request?.method !== method || flow.request.target !== path)) {
    wrong.push(`is ${flow.request?.method} ${flow.request?.target}`);
  }
  // A client that gave up has not seen the answer that came all the same.
  if ((flow.response?.status ?? null) !== status && transaction.outcome === 'ok')
    wrong.push(`status ${flow.response?.status}`);
  return wrong;
}

function wrongEnd(
  which: string,
  end: Endpoint,
  expected: Partial<Record<keyof Endpoint, string | number | undefined>>,
): string[] {
  return Object.entries(expected)
    .filter(([key, value]) => end[key as keyof Endpoint] !== value)
    .map(([key, value]) => `${which}.${key} is ${end[key as keyof Endpoint]} and not ${value}`);
}

/** A head that was cut off, and the answers to it and to garbage: in no transaction, and on the wire. */
function isKnownOddity(flow: Flow, { transactions, malformed = [] }: Truth): boolean {
  if (malformed.length > 0 && flow.response?.status === 400) return true;
  const of = transactions.find(({ id }) => id === requestId(flow));
  return of !== undefined && !of.onWire;
}

function describe({ src, dst, request, response }: Flow): string {
  return `${src.ip}:${src.port} > ${dst.ip}:${dst.port} ${request?.method} ${request?.target} ${response?.status}`;
}
