/** From a request to its answer: who asks, may they, what is it. */

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { admission } from './access/admission.ts';
import { authorize, identify } from './access/guard.ts';
import { review } from './access/reviews.ts';
import { tokenRequest } from './access/token-request.ts';
import type { User } from './access/users.ts';
import type { Cluster } from './cluster.ts';
import type { Connections } from './connections.ts';
import { discovery } from './discovery.ts';
import type { Fault } from './faults.ts';
import type { ApiRequest, ResourceRequest } from './request.ts';
import { isServed, type Resource } from './resources.ts';
import { ApiFailure, badRequest, methodNotAllowed } from './status.ts';
import { answerLog } from './streams/log.ts';
import type { KubeObject } from './types.ts';
import { sendFailure, sendJson, sendText } from './verbs/answer.ts';
import { get, list, watchRequest } from './verbs/read.ts';
import { remove, removeCollection } from './verbs/remove.ts';
import { formOf, shaped } from './verbs/shape.ts';
import { create, managerOf, patch, update, type Written } from './verbs/write.ts';

/** Answers one request. Failures become Status answers; anything else thrown is a fault of the test server. */
export async function answer(cluster: Cluster, request: ApiRequest, response: ServerResponse): Promise<void> {
  const fault = cluster.faults.take(request);
  if (fault !== undefined && (await meet(cluster, fault, response))) return;
  try {
    const user = identify(cluster.users, request);
    cluster.requests.push({ ...summary(request), user: user.username });
    authorize(cluster.rbac, user, request);
    await route(cluster, request, response, user);
  } catch (error) {
    sendFailure(response, error);
  }
}

export interface RequestRecord {
  method: string;
  /** With the query. */
  path: string;
  user: string;
  verb: string;
  resource: string;
}

function summary({ method, path, query, target }: ApiRequest): Omit<RequestRecord, 'user'> {
  const resource = target?.subresource ? `${target.plural}/${target.subresource}` : (target?.plural ?? '');
  return {
    method,
    path: query.size > 0 ? `${path}?${query}` : path,
    verb: target?.verb ?? method.toLowerCase(),
    resource,
  };
}

/** True: the fault was the answer. */
async function meet({ connections }: Cluster, fault: Fault, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'delay':
      await sleep(fault.ms);
      return false;
    case 'stall':
      return true;
    case 'reset':
      connections.reset(response.socket);
      return true;
    case 'break':
      breakAfter(connections, response, fault.afterBytes);
      return false;
    default: {
      const { code, reason, message, retryAfterSeconds } = fault;
      const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
      const text = message ?? 'the server has received too many requests and has asked us to try again later';
      sendFailure(response, new ApiFailure(code, reason ?? REASONS[code], text, details, headers));
      return true;
    }
  }
}

const REASONS: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function breakAfter(connections: Connections, response: ServerResponse, bytes: number): void {
  const end = response.end.bind(response);
  response.end = ((body: Buffer) => {
    response.write(body.subarray(0, bytes), () => connections.reset(response.socket));
    response.end = end;
    return response;
  }) as typeof response.end;
}

async function route(
  cluster: Cluster,
  request: ApiRequest,
  response: ServerResponse,
  user: User,
): Promise<void> {
  const { target } = request;
  if (target === undefined) {
    const told = request.method === 'GET' ? discovery(request.path, cluster) : undefined;
    if (told === undefined) sendText(response, 404, '404 page not found\n');
    else if (told === 'ok') sendText(response, 200, told);
    else sendJson(response, 200, told);
    return;
  }
  const { resource } = target;
  if (resource === undefined || !isServed(resource, cluster.custom)) {
    sendText(response, 404, '404 page not found\n');
    return;
  }
  if (resource.virtual) answerReview(cluster, request, resource, response, user);
  else if (target.subresource && target.subresource !== 'status')
    answerSubresource(cluster, request, resource, target, response);
  else if (target.verb === 'watch')
    cluster.watches.open({ ...watchRequest(request, resource, target), user: user.username }, response);
  else if (target.verb === 'get') sendJson(response, 200, get(cluster.objects, request, resource, target));
  else if (target.verb === 'list')
    sendJson(response, 200, await list(cluster.objects, request, resource, target));
  else if (target.verb === 'delete')
    sendJson(response, 200, remove(cluster.objects, request, resource, target));
  else if (target.verb === 'deletecollection')
    sendJson(response, 200, removeCollection(cluster.objects, request, resource, target));
  else write(cluster, request, resource, target, response, user);
}

function write(
  cluster: Cluster,
  request: ApiRequest,
  resource: Resource,
  target: ResourceRequest,
  response: ServerResponse,
  user: User,
): void {
  const admit = admission(cluster, user, resource);
  const input = { store: cluster.objects, request, resource, target, admit };
  let written: Written;
  if (target.verb === 'create' && !target.name) written = create(input);
  else if (target.verb === 'update' && target.name) written = update(input);
  else if (target.verb === 'patch' && target.name) written = patch(input);
  else throw methodNotAllowed();
  const { code, object, warnings } = written;
  const headers: Record<string, string> =
    warnings.length > 0
      ? { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') }
      : {};
  sendJson(response, code, shaped(object, formOf(request.headers['accept'])), headers);
}

function answerReview(
  cluster: Cluster,
  request: ApiRequest,
  resource: Resource,
  response: ServerResponse,
  user: User,
): void {
  if (request.method !== 'POST') throw methodNotAllowed();
  const input = JSON.parse(request.body.toString()) as KubeObject;
  const { rbac, users } = cluster;
  sendJson(response, 201, review(resource, input, user, rbac, users, managerOf(request)));
}

function answerSubresource(
  cluster: Cluster,
  request: ApiRequest,
  resource: Resource,
  target: ResourceRequest,
  response: ServerResponse,
): void {
  if (resource.plural === 'pods' && target.subresource === 'log') {
    answerLog(cluster, request, target, response);
    return;
  }
  if (resource.plural === 'pods' && ['exec', 'portforward', 'attach'].includes(target.subresource)) {
    cluster.objects.need(resource, target.namespace, target.name);
    throw badRequest('Upgrade request required');
  }
  if (target.subresource === 'token' && target.verb === 'create') {
    sendJson(response, 201, tokenRequest(cluster, request, target));
    return;
  }
  sendText(response, 404, '404 page not found\n');
}
