/** One cluster, as the person's kubeconfig reaches it: the calls that Remora makes. All reject with KubeError. */

import type { KubeConfig } from '@kubernetes/client-node';
import type { WebSocket } from 'ws';
import { type KubeOptions, loadKubeConfig } from './config.ts';
import { KubeError } from './error.ts';
import { groupOf, KINDS, type KindName, pathOf } from './kinds.ts';
import type { Manifest, ObjectBase } from './objects.ts';
import { Transport } from './transport.ts';

/** The owner of the fields that Remora applies. */
export const FIELD_MANAGER = 'remora';

export interface ListOptions {
  /** undefined: all namespaces, or a kind that has none. */
  namespace?: string | undefined;
  labelSelector?: string;
  fieldSelector?: string;
  signal?: AbortSignal | undefined;
}

export interface ApplyOptions {
  /** The server checks and admits, and changes nothing. */
  dryRun?: boolean;
  signal?: AbortSignal | undefined;
}

export interface RemoveOptions {
  /** Only this very object and no successor of the same name. */
  uid?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** A question to the authoriser: may this user do that? */
export interface AccessQuestion {
  verb: string;
  /** `''` is the core group. */
  group?: string;
  /** Plural, lower case; with a subresource `pods/log`. */
  resource: string;
  /** undefined: in the whole cluster. */
  namespace?: string | undefined;
  name?: string;
}

export interface AccessAnswer {
  allowed: boolean;
  reason: string;
}

export interface ServerVersion {
  major: string;
  minor: string;
  /** `v1.26.4` */
  gitVersion: string;
  platform: string;
}

export interface LogOptions {
  container?: string;
  /** Of the container's run before this one. */
  previous?: boolean;
  tailLines?: number;
  limitBytes?: number;
  timestamps?: boolean;
  signal?: AbortSignal | undefined;
}

const PAGE = 500;

export class Kube {
  readonly config: KubeConfig;
  /** Of the kubeconfig. */
  readonly context: string;
  /** `https://10.0.0.1:6443` */
  readonly server: string;
  /** The context's namespace; `default` where it names none. */
  readonly namespace: string;
  private readonly transport: Transport;

  /** Throws KubeError KUBE_CONFIG. Talks to nobody yet. */
  static open(options: KubeOptions, environment: NodeJS.ProcessEnv = process.env): Kube {
    return new Kube(loadKubeConfig(options, environment));
  }

  constructor(config: KubeConfig) {
    this.config = config;
    this.context = config.getCurrentContext();
    this.namespace = config.getContextObject(this.context)?.namespace || 'default';
    this.transport = new Transport(config);
    this.server = this.transport.server;
  }

  /** All objects of a kind, read page by page. A list that grew old while it was read is read anew, in one piece. */
  async list<T extends ObjectBase>(kind: KindName, options: ListOptions = {}): Promise<T[]> {
    try {
      return await this.pages<T>(kind, options, PAGE);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'KUBE_GONE') throw error;
      return await this.pages<T>(kind, options, undefined);
    }
  }

  /** undefined if there is no such object (or no such namespace). */
  async get<T extends ObjectBase>(
    kind: KindName,
    name: string,
    namespace?: string,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const path = pathOf(kind, namespace, name);
    const what = `get ${KINDS[kind].plural} "${name}"${where(namespace)}`;
    return await this.orUndefined(async () => parse<T>(await this.transport.request({ path, what, signal })));
  }

  /** Server-side apply: makes the object, or gives it the fields of this one and takes away those it applied before. */
  async apply<T extends ObjectBase>(object: Manifest, options: ApplyOptions = {}): Promise<T> {
    const kind = kindOf(object);
    const { name = '', namespace } = object.metadata ?? {};
    const body = await this.transport.request({
      method: 'PATCH',
      path: pathOf(kind, namespace, name),
      query: { fieldManager: FIELD_MANAGER, force: true, dryRun: options.dryRun ? 'All' : undefined },
      contentType: 'application/apply-patch+yaml',
      body: object,
      what: `apply ${KINDS[kind].plural} "${name}"${where(namespace)}`,
      signal: options.signal,
    });
    return parse<T>(body);
  }

  /** RFC 7386; a null takes a field away. */
  async mergePatch<T extends ObjectBase>(
    kind: KindName,
    name: string,
    namespace: string | undefined,
    patch: unknown,
  ): Promise<T> {
    const body = await this.transport.request({
      method: 'PATCH',
      path: pathOf(kind, namespace, name),
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/merge-patch+json',
      body: patch,
      what: `change ${KINDS[kind].plural} "${name}"${where(namespace)}`,
    });
    return parse<T>(body);
  }

  /** false if it was not there. What it owns goes with it, later. */
  async remove(
    kind: KindName,
    name: string,
    namespace?: string,
    options: RemoveOptions = {},
  ): Promise<boolean> {
    const { uid, signal } = options;
    const removed = await this.orUndefined(() =>
      this.transport.request({
        method: 'DELETE',
        path: pathOf(kind, namespace, name),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          ...(uid === undefined ? {} : { preconditions: { uid } }),
        },
        what: `delete ${KINDS[kind].plural} "${name}"${where(namespace)}`,
        signal,
      }),
    );
    return removed !== undefined;
  }

  /** SelfSubjectAccessReview. Everyone who is logged in may ask. */
  async mayI(question: AccessQuestion, signal?: AbortSignal): Promise<AccessAnswer> {
    const { verb, group = '', namespace, name } = question;
    const [resource, subresource] = question.resource.split('/');
    const body = await this.transport.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, group, resource, subresource, namespace, name } },
      },
      what: 'ask what you may do',
      signal,
    });
    const { status } = parse<{ status?: { allowed?: boolean; reason?: string } }>(body);
    return { allowed: status?.allowed === true, reason: status?.reason ?? '' };
  }

  async version(signal?: AbortSignal): Promise<ServerVersion> {
    return parse(await this.transport.request({ path: '/version', what: 'ask for the version', signal }));
  }

  /** The plural names of what the API has in a group, as in `cilium.io/v2`; undefined if it has no such group. */
  async served(apiVersion: string, signal?: AbortSignal): Promise<string[] | undefined> {
    const what = `ask what there is of ${apiVersion}`;
    const body = await this.orUndefined(() =>
      this.transport.request({ path: `/apis/${apiVersion}`, what, signal }),
    );
    if (body === undefined) return undefined;
    return (parse<{ resources?: { name: string }[] | null }>(body).resources ?? []).map(({ name }) => name);
  }

  /** The end of a container's log. */
  async log(namespace: string, pod: string, options: LogOptions = {}): Promise<string> {
    const { signal, ...query } = options;
    return await this.transport.request({
      path: `${pathOf('Pod', namespace, pod)}/log`,
      query,
      accept: '*/*',
      what: `read the log of pod "${pod}"${where(namespace)}`,
      signal,
    });
  }

  /** GET of anything; for what has no call of its own. */
  async raw(path: string, what: string, signal?: AbortSignal): Promise<string> {
    return await this.transport.request({ path, what, accept: '*/*', signal });
  }

  async webSocket(path: string, protocols: string[]): Promise<WebSocket> {
    return await this.transport.webSocket(path, protocols);
  }

  /** Closes idle connections. */
  close(): void {
    this.transport.close();
  }

  private async pages<T extends ObjectBase>(
    kind: KindName,
    { namespace, labelSelector, fieldSelector, signal }: ListOptions,
    limit: number | undefined,
  ): Promise<T[]> {
    const found: T[] = [];
    let next: string | undefined;
    do {
      const body = await this.transport.request({
        path: pathOf(kind, namespace),
        query: { labelSelector, fieldSelector, limit, continue: next },
        what: `list ${KINDS[kind].plural}${where(namespace)}`,
        signal,
      });
      const page = parse<{ items?: T[] | null; metadata?: { continue?: string } }>(body);
      for (const item of page.items ?? []) found.push(item);
      next = page.metadata?.continue;
    } while (next);
    return found;
  }

  private async orUndefined<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof KubeError && error.code === 'KUBE_NOT_FOUND') return undefined;
      throw error;
    }
  }
}

/** The question whether this may be done with a kind. */
export function question(verb: string, kind: KindName, namespace?: string): AccessQuestion {
  return { verb, group: groupOf(kind), resource: KINDS[kind].plural, namespace };
}

export function kindOf(object: Manifest): KindName {
  const { kind } = object;
  if (kind === undefined || !(kind in KINDS)) throw new TypeError(`no kind that Remora applies: ${kind}`);
  return kind as KindName;
}

function where(namespace: string | undefined): string {
  return namespace === undefined ? '' : ` in namespace "${namespace}"`;
}

function parse<T>(body: string): T {
  try {
    return JSON.parse(body) as T;
  } catch (cause) {
    throw new KubeError('KUBE_FAILED', 'the API server answered something that is not JSON', {
      remedy: 'Is there a proxy or a login page in between? `kubectl get --raw /version` shows it.',
      cause,
    });
  }
}
