/** GET …/pods/P/log: plain text, by lines, followed or not. */

import type { ServerResponse } from 'node:http';
import type { Cluster } from '../cluster.ts';
import type { ApiRequest, ResourceRequest } from '../request.ts';
import { resourceNamed } from '../resources.ts';
import { badRequest } from '../status.ts';
import { asList, asRecord, type KubeObject } from '../types.ts';
import type { LogLine } from './logs.ts';

export interface LogQuery {
  pod: string;
  container: string;
  lines: LogLine[];
  follow: boolean;
  /** How a line is written. */
  print: (line: LogLine) => string;
}

export function answerLog(
  cluster: Cluster,
  request: ApiRequest,
  target: ResourceRequest,
  response: ServerResponse,
): void {
  const asked = logQuery(cluster, request, target);
  if (asked === undefined) {
    response.writeHead(204, { 'cache-control': 'no-cache, private' });
    response.end();
    return;
  }
  response.writeHead(200, { 'cache-control': 'no-cache, private', 'content-type': 'text/plain' });
  for (const line of asked.lines) response.write(asked.print(line));
  if (!asked.follow) {
    response.end();
    return;
  }
  response.flushHeaders();
  const stop = cluster.logs.follow(asked.pod, asked.container, (line) => {
    if (line === undefined) response.end();
    else response.write(asked.print(line));
  });
  response.on('close', stop);
}

/** What a log request asks for; undefined when the pod is on no node yet. Throws what the server refuses. */
export function logQuery(
  cluster: Cluster,
  request: ApiRequest,
  target: ResourceRequest,
): LogQuery | undefined {
  const { query } = request;
  const pod = cluster.objects.need(resourceNamed('pods'), target.namespace, target.name);
  const container = containerIn(pod, query.get('container'));
  if (asRecord(pod['spec'])['nodeName'] === undefined) return undefined;
  const uid = pod.metadata.uid!;
  const previous = query.get('previous') === 'true';
  refuseWaiting(pod, container, previous);
  const lines = previous ? cluster.logs.previous(uid, container) : cluster.logs.read(uid, container);
  if (lines === undefined) {
    throw badRequest(`previous terminated container "${container}" in pod "${pod.metadata.name}" not found`);
  }
  const withTime = query.get('timestamps') === 'true';
  return {
    pod: uid,
    container,
    lines: selected(lines, query),
    follow: query.get('follow') === 'true' && !previous,
    print: ({ time, text }) => (withTime ? `${time} ${text}` : text),
  };
}

function selected(lines: LogLine[], query: URLSearchParams): LogLine[] {
  const seconds = query.get('sinceSeconds');
  const time = query.get('sinceTime');
  const since = seconds === null ? time : new Date(Date.now() - Number(seconds) * 1000).toISOString();
  const recent = since === null ? lines : lines.filter((line) => Date.parse(line.time) >= Date.parse(since));
  const tail = query.get('tailLines');
  const last = tail === null ? recent : recent.slice(Math.max(0, recent.length - Number(tail)));
  const limit = Number(query.get('limitBytes') ?? Number.POSITIVE_INFINITY);
  let bytes = 0;
  return last.filter((line) => {
    bytes += line.text.length;
    return bytes <= limit;
  });
}

/** The container asked for, or the only one. */
export function containerIn(pod: KubeObject, wanted: string | null): string {
  const spec = asRecord(pod['spec']);
  const all = [...asList(spec['containers']), ...asList(spec['initContainers'])].map(({ name }) =>
    String(name),
  );
  const names = asList(spec['containers']).map(({ name }) => String(name));
  if (wanted !== null) {
    if (all.includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`);
  }
  const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  if (names.length === 1) return names[0]!;
  const choose = `choose one of: [${names.join(' ')}]`;
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, ${choose}`);
}

const PULLING = ['ImagePullBackOff', 'ErrImagePull', 'ErrImageNeverPull', 'InvalidImageName'];

function refuseWaiting(pod: KubeObject, container: string, previous: boolean): void {
  const status = asList(asRecord(pod['status'])['containerStatuses']).find(({ name }) => name === container);
  const waiting = asRecord(asRecord(status?.['state'])['waiting'])['reason'];
  // A container that ran before has a log, whatever it waits for now.
  if (previous || waiting === undefined || Number(status?.['restartCount'] ?? 0) > 0) return;
  const why = PULLING.includes(String(waiting)) ? 'trying and failing to pull image' : String(waiting);
  throw badRequest(`container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${why}`);
}
