import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { Health, WorkerHealth } from '../flow/api.ts';
import { createApp } from './api/app.ts';
import { Auth } from './api/auth.ts';
import { Connections } from './api/connections.ts';
import { errorAnswer } from './api/error-answer.ts';
import { HealthReporter } from './api/health-report.ts';
import { listen } from './api/listen.ts';
import { Site } from './api/site.ts';
import type { App } from './api/type-provider.ts';
import { checkLive, checkWorker, openDoors } from './api/upgrade.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { createClock } from './clock.ts';
import { ClusterNamer } from './cluster/cluster-namer.ts';
import type { Identity } from './cluster/identity.ts';
import type { TargetPublisher } from './cluster/target-publisher.ts';
import type { ClusterWatch } from './cluster/watch/cluster-watch.ts';
import { CapturedNames } from './ingest/captured-names.ts';
import { INGEST_LIMITS } from './ingest/limits.ts';
import { Marks } from './ingest/marks.ts';
import { FingerprintMerger } from './ingest/merge.ts';
import { AddressNamer } from './ingest/namer.ts';
import { WorkerServer } from './ingest/worker-server.ts';
import { LIVE_LIMITS } from './live/limits.ts';
import { Live } from './live/live.ts';
import type { Store } from './store/store.ts';
import type { TlsFiles } from './tls/tls-files.ts';

export interface HubOptions {
  store: Store;
  /** The cluster whose flows come: watched until the hub closes. */
  cluster?: ClusterWatch | undefined;
  /** Which pods of it are tapped. */
  targets?: TargetPublisher | undefined;
  /** Without a cluster to watch: who had which address in the one that was captured. */
  identity?: Identity | undefined;
  /** Address to listen on; port 0 takes a free one. */
  host: string;
  port: number;
  mode: Health['mode'];
  version: string;
  /** Of people and scripts, and of workers: each at least 16 characters, and not the same. */
  token: string;
  workerToken: string;
  /** Names besides localhost, `host` and those in the certificate that the hub is reached by. */
  allowedHosts: readonly string[];
  /** Followed until the hub closes; undefined: plain HTTP. */
  tls?: TlsFiles | undefined;
  /** Where packets with the secrets in them are written down when they are given out; undefined: they are not. */
  audit?: AuditLog | undefined;
  /** Folder of the built page. */
  uiDir: string;
  log: Logger;
}

export interface Hub {
  /** Resolves with the address that can be connected to. Rejects with HubError PORT_IN_USE or LISTEN_FAILED. */
  listen(): Promise<AddressInfo>;
  /** Says goodbye to all, commits what was accepted, closes the store. */
  close(): Promise<void>;
}

/**
 * How long flows wait for other observations of themselves, ms. On one machine these differ by the way through
 * the kernel, in a cluster also by the pace at which two workers send.
 */
const MERGE_HOLD_MS = { local: 100, file: 250, cluster: 1000 };

/** How long those who are connected have to say goodbye, ms. */
const GOODBYE_MS = 300;

/** The one process that flows come to and answers come from: store, ingest, live and API, wired together. */
export async function createHub(options: HubOptions): Promise<Hub> {
  const {
    store,
    cluster,
    identity = cluster?.identity,
    targets,
    mode,
    version,
    log,
    host,
    port,
    tls,
  } = options;
  const auth = new Auth(options.token, options.workerToken);
  const site = new Site(host, [...options.allowedHosts, ...(tls?.current.names ?? [])]);
  const clock = createClock(mode, store);

  const live = new Live({
    map: async (window, level) => {
      const now = await clock();
      return store.map({ from: now - window * 1e6, to: now, level });
    },
    errorFrame: (error) => ({ type: 'error', error: errorAnswer(error).body }),
  });
  const known = identity === undefined ? new AddressNamer() : new ClusterNamer(identity);
  const marks = new Marks();
  const captured = mode === 'file' ? new CapturedNames(known, marks) : undefined;
  const workers = new WorkerServer({
    store,
    namer: captured ?? known,
    captured,
    marks: captured && marks,
    merger: new FingerprintMerger(MERGE_HOLD_MS[mode]),
    onCommitted: (arrivals) => live.publish(arrivals),
    joinsWays: identity !== undefined,
    targets,
    log,
  });
  if (targets !== undefined) cluster?.onChange(targets);
  const connections = new Connections();
  const health = new HealthReporter({
    version,
    mode,
    store,
    workers: () => workers.workers().filter((worker) => !leftWithItsNode(worker, cluster)),
    problem: () => workers.problem,
    certificateEnd: () => tls?.current.notAfter,
    subscribers: () => live.subscribers,
    ...(cluster === undefined ? {} : { cluster: () => cluster.health() }),
    parts: [
      ...[workers, live, auth, connections],
      ...[cluster, targets, captured, captured && marks].filter((part) => part !== undefined),
    ],
  });
  let closing = false;
  const app = await createApp(
    {
      ...{ store, clock, auth, site, version, uiDir: options.uiDir, health: () => health.report() },
      targets,
      packets: workers,
      audit: options.audit,
      follow: (filter) => live.follow(filter),
      ready: () => !closing && (cluster?.settled ?? true),
    },
    log,
    tls?.current,
  );
  followCertificate(app, tls, log);
  connections.limit(app.server);
  const cutOff = openDoors(app.server, {
    '/api/v1/live': {
      maxPayload: LIVE_LIMITS.liveMessageBytes,
      check: (request) => {
        checkLive(request, auth, site);
        live.checkRoom();
      },
      accept: (socket) => live.accept(socket),
    },
    '/worker': {
      maxPayload: INGEST_LIMITS.ingestFrameBytes,
      check: (request) => checkWorker(request, auth),
      accept: (socket) => workers.accept(socket),
    },
  });

  return {
    async listen() {
      const address = await listen(app, host, port);
      cluster?.start();
      return address;
    },
    async close() {
      closing = true;
      tls?.close();
      health.close();
      live.close();
      targets?.close();
      await Promise.all([workers.close(), cluster?.close()]);
      const late = setTimeout(cutOff, GOODBYE_MS);
      await app.close();
      clearTimeout(late);
      await store.close();
    },
  };
}

/** Clusters shrink: that such a worker is away is as it should be. */
function leftWithItsNode({ state, node }: WorkerHealth, cluster: ClusterWatch | undefined): boolean {
  return state === 'away' && cluster?.identity.nodeHasLeft(node) === true;
}

/** Those who connect from now on are shown the new certificate; who is connected stays so. */
function followCertificate(app: App, tls: TlsFiles | undefined, log: Logger): void {
  tls?.follow((pair) => {
    (app.server as unknown as TlsServer).setSecureContext(pair);
    log.info({ notAfter: new Date(pair.notAfter).toISOString() }, 'The certificate was replaced.');
  });
}
