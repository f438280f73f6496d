/**
 * The hub's process. When it is ready it writes one JSON line to standard output:
 *
 *   {"ready":true,"url":"http://127.0.0.1:8898","port":8898}
 *
 * Tokens that it had to make itself stand in that line: in `url` as `/?token=…`, and as `workerToken`. Those
 * given by the environment are known to whoever gave them. It logs to standard error, JSON too, and never a
 * token or captured data. If it cannot start, the last line says why (`code`, `msg`, `remedy`), with status 1.
 */
import { randomBytes } from 'node:crypto';
import pino, { type Logger } from 'pino';
import { parseArguments, USAGE } from './arguments.ts';
import { AuditLog } from './audit/audit-log.ts';
import { readIdentity } from './cluster/objects-file.ts';
import { ownNamespace, readTargets } from './cluster/target-file.ts';
import { TargetPublisher } from './cluster/target-publisher.ts';
import { ClusterWatch } from './cluster/watch/cluster-watch.ts';
import { loadKubeConfig } from './cluster/watch/kube-config.ts';
import type { HubError } from './errors.ts';
import { createHub, type Hub } from './hub.ts';
import { readVersion } from './paths.ts';
import { SqliteStore } from './store/sqlite/sqlite-store.ts';
import { TlsFiles } from './tls/tls-files.ts';

/** Longer than this nobody waits for a hub to end, ms. */
const CLOSE_DEADLINE_MS = 1500;

const argv = process.argv.slice(2);
if (argv.includes('--help')) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const log = pino(
    { name: 'hub', level: process.env['REMORA_LOG_LEVEL'] ?? 'info' },
    pino.destination({ fd: 2, sync: true }),
  );
  start(argv, log).catch((error: unknown) => {
    const { code, message, remedy } = error as Partial<HubError>;
    log.fatal(code === undefined ? { err: error } : { code, remedy }, message);
    // The parent's pipe, which is listened to, would keep the process.
    process.exit(1);
  });
}

async function start(argv: string[], log: Logger): Promise<void> {
  const {
    host,
    port,
    dataDir,
    storageLimit,
    maxAge,
    objects,
    kubeconfig,
    namespaces,
    targets: targetSpec,
    tls: tlsPaths,
    allowRawExport,
    ...options
  } = parseArguments(argv);
  let hub: Hub | undefined;
  closeWhenTold(async () => hub?.close(), log);
  const token = readToken('REMORA_TOKEN');
  const workerToken = readToken('REMORA_WORKER_TOKEN');
  const tls =
    tlsPaths &&
    (await TlsFiles.open(tlsPaths, ({ code, remedy, message }) => log.warn({ code, remedy }, message)));
  const identity = objects === undefined ? undefined : await readIdentity(objects);
  const cluster = options.mode === 'cluster' ? await watchCluster(kubeconfig, namespaces, log) : undefined;
  const targets = cluster && new TargetPublisher(await readTargets(targetSpec ?? '{}'), await ownNamespace());
  const store = await SqliteStore.open(
    { dir: dataDir, storageLimit, ...(maxAge === undefined ? {} : { maxAge }) },
    (message) => log.warn(message),
  );
  let boundPort: number;
  try {
    hub = await createHub({
      ...{ store, identity, cluster, targets, host, port, tls, log, version: readVersion(), ...options },
      audit: allowRawExport ? new AuditLog(dataDir) : undefined,
      ...{ token: token.value, workerToken: workerToken.value },
    });
    boundPort = (await hub.listen()).port;
  } catch (error) {
    await store.close();
    throw error;
  }
  const url = `${tls === undefined ? 'http' : 'https'}://${reachable(host)}:${boundPort}`;
  const ready = {
    ready: true,
    url: token.made ? `${url}/?token=${token.value}` : url,
    port: boundPort,
    ...(workerToken.made ? { workerToken: workerToken.value } : {}),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

/** Fails where nothing says which cluster; one that does not answer yet is no failure. */
async function watchCluster(
  kubeconfig: string | undefined,
  namespaces: readonly string[],
  log: Logger,
): Promise<ClusterWatch> {
  const load = () => loadKubeConfig(kubeconfig);
  await load();
  return new ClusterWatch({ load, namespaces, log });
}

function readToken(variable: string): { value: string; made: boolean } {
  const given = process.env[variable];
  if (given !== undefined && given !== '') return { value: given, made: false };
  return { value: randomBytes(32).toString('base64url'), made: true };
}

/** A host that this machine's browser can open. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * At SIGTERM and SIGINT, and when the parent has gone. A second signal ends the process at once. In a container the
 * kernel keeps signals from a process that does not listen for them: this must come before anything that may take time.
 */
function closeWhenTold(stop: () => Promise<void>, log: Logger): void {
  let closing = false;
  const close = async () => {
    if (closing) return;
    closing = true;
    setTimeout(() => {
      log.warn('Closing took too long: what was not committed yet will be sent again by the workers.');
      process.exit(1);
    }, CLOSE_DEADLINE_MS).unref();
    try {
      await stop();
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'The hub did not close as it should.');
      process.exit(1);
    }
  };
  process.once('SIGTERM', close);
  process.once('SIGINT', close);
  if (process.env['REMORA_PARENT_STDIN'] === '1') {
    process.stdin.once('close', close);
    process.stdin.resume();
  }
}
