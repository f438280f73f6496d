/**
 * A Kubernetes API server for tests, as 1.26 behaves: see README.md beside this file.
 *
 *     const kube = await KubeServer.start({ nodes: ['node1', 'node2'] });
 *     const path = kube.kubeconfig();            // admin; kube.kubeconfig('dev') after kube.addUser('dev', rules)
 *     kube.objects.create({ apiVersion: 'v1', kind: 'Pod', … });
 *     kube.faults.add({ resource: 'pods', verb: 'list' }, { kind: 'answer', code: 429, retryAfterSeconds: 1 }, 1);
 *     await kube.stop();
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer as createHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { bindUser, builtinRoles, clusterRole, role } from './access/builtin.ts';
import type { PolicyRule } from './access/rules.ts';
import { answer } from './api.ts';
import { type Certificates, createCertificates } from './certificates.ts';
import { Cluster } from './cluster.ts';
import { Controllers } from './controllers/controllers.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { nodeObject } from './node.ts';
import { type ApiRequest, parseTarget } from './request.ts';
import { Streams, upgrade } from './streams/upgrade.ts';
import type { ObjectInput } from './types.ts';

export interface KubeServerOptions {
  /** Names of the nodes: 10.77.0.1, 10.77.0.2, … Default: node1, node2. */
  nodes?: string[];
  /** Objects that are there from the beginning; their namespaces are made. */
  objects?: ObjectInput[];
  /** Plain HTTP with false. */
  tls?: boolean;
  /** Without controllers no pods are made, nothing is garbage-collected and namespaces stay Terminating. */
  controllers?: boolean;
  /** Custom resources that it has, of those in resources.ts: `ciliumnetworkpolicies.cilium.io`. Default: none. */
  customResources?: string[];
  /** The real server's: a minute. */
  bookmarkEveryMs?: number;
}

export class KubeServer {
  /** The state behind the API; tests rather use the members below. */
  readonly cluster: Cluster;
  readonly #controllers: Controllers | undefined;
  readonly #certificates: Certificates | undefined;
  readonly #streams = new Streams();
  readonly #folder = mkdtempSync(join(tmpdir(), 'remora-kube-'));
  #server: Server | undefined;
  #port = 0;

  private constructor(
    cluster: Cluster,
    controllers: Controllers | undefined,
    certificates: Certificates | undefined,
  ) {
    this.cluster = cluster;
    this.#controllers = controllers;
    this.#certificates = certificates;
  }

  static async start(options: KubeServerOptions = {}): Promise<KubeServer> {
    const cluster = new Cluster(options.bookmarkEveryMs ?? 60_000, options.customResources);
    const certificates = options.tls === false ? undefined : await createCertificates();
    const controllers =
      options.controllers === false ? undefined : new Controllers(cluster, certificates?.ca ?? '');
    const server = new KubeServer(cluster, controllers, certificates);
    for (const object of builtinRoles()) cluster.objects.create(object);
    cluster.users.add('admin', ['system:masters']);
    for (const name of ['default', 'kube-system']) server.addNamespace(name);
    for (const [index, name] of (options.nodes ?? ['node1', 'node2']).entries())
      server.addNode(name, `10.77.0.${index + 1}`);
    for (const object of options.objects ?? []) {
      if (object.metadata?.namespace) server.addNamespace(object.metadata.namespace);
      cluster.objects.create(object);
    }
    await server.#listen();
    return server;
  }

  /** The objects, straight: no rights, no defaults, no admission. */
  get objects() {
    return this.cluster.objects;
  }

  get faults() {
    return this.cluster.faults;
  }

  /** Open watches: `cut`, `expire`, `bookmark`, `of(plural)`. */
  get watches() {
    return this.cluster.watches;
  }

  /** Open port-forwards and execs: `cut`. */
  get streams() {
    return this.#streams;
  }

  get logs() {
    return this.cluster.logs;
  }

  get execs() {
    return this.cluster.execs;
  }

  /** What stands behind the ports of pods. */
  get ports() {
    return this.cluster.ports;
  }

  /** Requests so far, oldest first. */
  get requests() {
    return this.cluster.requests;
  }

  /** What becomes of pods: see controllers/kubelet.ts. */
  get kubelet() {
    if (this.#controllers === undefined) throw new Error('this server runs without controllers');
    return this.#controllers.kubelet;
  }

  get url(): string {
    return `${this.#certificates ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** PEM of the authority; undefined without TLS. */
  get ca(): string | undefined {
    return this.#certificates?.ca;
  }

  /** The bearer token of a user (`admin`, those of addUser) or of a service account (`NAMESPACE:NAME`). */
  token(user = 'admin'): string {
    const [namespace, name] = user.split(':') as [string, string | undefined];
    if (name === undefined) return this.cluster.users.add(user);
    return this.cluster.users.addServiceAccount(namespace, name);
  }

  /** Writes a kubeconfig for a user and returns its path. */
  kubeconfig(user = 'admin', more: { path?: string; namespace?: string } = {}): string {
    const path = more.path ?? join(this.#folder, `${user.replace(':', '-')}.yaml`);
    const { url, ca } = this;
    const namespace = more.namespace === undefined ? {} : { namespace: more.namespace };
    writeFileSync(path, kubeconfigText({ url, ca, user, token: this.token(user), ...namespace }), {
      mode: 0o600,
    });
    return path;
  }

  /** A user with rights in the whole cluster, or with `namespaces` only there. Rules are RBAC's. */
  addUser(name: string, rules: PolicyRule[], namespaces?: string[]): void {
    this.cluster.users.add(name);
    const { objects } = this.cluster;
    if (namespaces === undefined) {
      objects.create(clusterRole(name, rules));
      objects.create(bindUser(name, name));
      return;
    }
    for (const namespace of namespaces) {
      this.addNamespace(namespace);
      objects.create(role(namespace, name, rules));
      objects.create(bindUser(name, name, namespace));
    }
  }

  /** Does nothing if it is there. */
  addNamespace(name: string): void {
    if (this.cluster.objects.get('namespaces', '', name) !== undefined) return;
    const labels = { 'kubernetes.io/metadata.name': name };
    const spec = { finalizers: ['kubernetes'] };
    const status = { phase: 'Active' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels }, spec, status };
    this.cluster.objects.create(namespace);
  }

  addNode(name: string, address: string): void {
    this.cluster.objects.create(nodeObject(name, address));
  }

  /** The server goes away with all its connections, and comes back on the same port; old versions are too old then. */
  async restart({ downMs = 0 }: { downMs?: number } = {}): Promise<void> {
    await this.#close();
    await sleep(downMs);
    this.cluster.objects.forget();
    await this.#listen(this.#port);
  }

  async stop(): Promise<void> {
    await this.#controllers?.stop();
    await this.#close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #listen(port = 0): Promise<void> {
    const handle = (incoming: IncomingMessage, response: ServerResponse) =>
      void this.#handle(incoming, response);
    const certificates = this.#certificates;
    const server = certificates
      ? createHttps({ cert: certificates.cert, key: certificates.key }, handle)
      : createHttp(handle);
    server.on('connection', (socket) => this.cluster.connections.add(socket));
    server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      upgrade(this.cluster, this.#streams, incoming, readHead(incoming), socket, head);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    this.cluster.address = `127.0.0.1:${this.#port}`;
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const request = { ...readHead(incoming), body: Buffer.concat(chunks) };
    await answer(this.cluster, request, response);
  }

  async #close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    this.cluster.connections.resetAll();
    await closed;
  }
}

function readHead(incoming: IncomingMessage): ApiRequest {
  const method = incoming.method ?? 'GET';
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://localhost');
  return {
    method,
    path: pathname,
    query: searchParams,
    headers: incoming.headers as Record<string, string | undefined>,
    body: Buffer.alloc(0),
    target: parseTarget(method, pathname, searchParams),
  };
}
