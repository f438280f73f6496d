/** Which cluster, as who: kubeconfig files found, merged and completed as kubectl does it. */

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { parse, stringify } from 'yaml';
import { KubeError } from './error.ts';
import { proxyFor } from './proxy.ts';

export interface KubeOptions {
  /** One file; undefined or '': $KUBECONFIG (several, merged), ~/.kube/config, or the service account of the pod this runs in. */
  kubeconfig?: string | undefined;
  /** undefined or '': the current one. */
  context?: string | undefined;
}

/** Throws KubeError KUBE_CONFIG. */
export function loadKubeConfig(
  options: KubeOptions,
  environment: NodeJS.ProcessEnv = process.env,
): KubeConfig {
  const files = options.kubeconfig ? [options.kubeconfig] : defaultFiles(environment);
  if (options.kubeconfig && !existsSync(options.kubeconfig)) {
    throw new KubeError('KUBE_CONFIG', `${options.kubeconfig}: no such kubeconfig`, {
      remedy: 'Give another with --kubeconfig FILE.',
    });
  }
  const found = files.filter((file) => existsSync(file));
  const config = new KubeConfig();
  if (found.length > 0) config.loadFromString(stringify(merge(found.map(readFile))));
  else if (environment['KUBERNETES_SERVICE_HOST']) config.loadFromCluster();
  else throw noConfig(files);

  if (options.context) config.setCurrentContext(options.context);
  checkContext(config, files);
  completeCluster(config, environment);
  completeUser(config);
  return config;
}

function defaultFiles(environment: NodeJS.ProcessEnv): string[] {
  const listed = environment['KUBECONFIG'];
  if (listed) return listed.split(delimiter).filter((file) => file !== '');
  return [join(environment['HOME'] || homedir(), '.kube', 'config')];
}

/** A kubeconfig, as far as it is merged here. */
interface ConfigFile {
  'current-context'?: string;
  clusters?: Entry[];
  users?: Entry[];
  contexts?: Entry[];
}
type Entry = { name?: string } & Record<string, Record<string, unknown> | string | undefined>;

/** Files that an entry names relative to the kubeconfig it stands in. */
const PATHS: [list: 'clusters' | 'users', body: string, field: string][] = [
  ['clusters', 'cluster', 'certificate-authority'],
  ['users', 'user', 'client-certificate'],
  ['users', 'user', 'client-key'],
  ['users', 'user', 'tokenFile'],
];

function readFile(file: string): ConfigFile {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new KubeError('KUBE_CONFIG', `cannot read the kubeconfig ${file}: ${(cause as Error).message}`, {
      remedy: 'Mend it, or give another with --kubeconfig FILE.',
      cause,
    });
  }
  const config = (typeof content === 'object' && content !== null ? content : {}) as ConfigFile;
  const directory = dirname(resolve(file));
  for (const [list, body, field] of PATHS) {
    for (const entry of config[list] ?? []) {
      const fields = entry?.[body];
      if (typeof fields !== 'object') continue;
      const path = fields[field];
      if (typeof path === 'string' && path !== '' && !isAbsolute(path)) fields[field] = join(directory, path);
    }
  }
  for (const entry of config.users ?? []) readTokenAndCommand(entry, directory);
  return config;
}

function readTokenAndCommand(entry: Entry, directory: string): void {
  const user = entry?.['user'];
  if (typeof user !== 'object') return;
  const { tokenFile } = user;
  // client-node reads such a file again when it changes, if told so in this way.
  if (typeof tokenFile === 'string' && tokenFile !== '') {
    user['auth-provider'] = { name: 'tokenFile', config: { tokenFile } };
  }
  const exec = user['exec'] as { command?: string } | undefined;
  // A command with a slash is a path, and that is relative to the file (client-go does the same).
  if (exec?.command?.includes('/') && !isAbsolute(exec.command)) exec.command = join(directory, exec.command);
}

/** The first file that has an entry wins, and the first that names a current context. */
function merge(files: ConfigFile[]): ConfigFile {
  const all = (list: 'clusters' | 'users' | 'contexts') => {
    const seen = new Map<string, Entry>();
    for (const file of files) {
      for (const entry of file[list] ?? []) {
        if (entry?.name !== undefined && !seen.has(entry.name)) seen.set(entry.name, entry);
      }
    }
    return [...seen.values()];
  };
  return {
    'current-context': files.map((file) => file['current-context']).find((name) => name) ?? '',
    clusters: all('clusters'),
    users: all('users'),
    contexts: all('contexts'),
  };
}

function noConfig(files: string[]): KubeError {
  return new KubeError('KUBE_CONFIG', `no cluster to talk to: there is no ${files.join(', no ')}`, {
    remedy:
      'Give a kubeconfig with --kubeconfig FILE. Without a cluster: `remora tap --local` or `remora tap --pcap FILE...`.',
  });
}

function checkContext(config: KubeConfig, files: string[]): void {
  const name = config.getCurrentContext();
  const known = config.getContexts().map((context) => context.name);
  const choose =
    known.length === 0 ? undefined : `Choose one with --context: ${known.slice(0, 20).join(', ')}.`;
  if (!name) {
    throw new KubeError('KUBE_CONFIG', `no current context in ${files.join(', ')}`, { remedy: choose });
  }
  const context = config.getContextObject(name);
  if (context === null) {
    throw new KubeError('KUBE_CONFIG', `there is no context "${name}" in ${files.join(', ')}`, {
      remedy: choose,
    });
  }
  const cluster = config.getCluster(context.cluster);
  if (cluster === null) {
    throw new KubeError(
      'KUBE_CONFIG',
      `context "${name}" names cluster "${context.cluster}", which is not there`,
    );
  }
  if (!URL.canParse(cluster.server)) {
    throw new KubeError('KUBE_CONFIG', `cluster "${cluster.name}" has no usable server: "${cluster.server}"`);
  }
}

function completeCluster(config: KubeConfig, environment: NodeJS.ProcessEnv): void {
  const cluster = config.getCurrentCluster();
  if (cluster === null) return;
  const proxyUrl = cluster.proxyUrl || proxyFor(cluster.server, environment);
  const changed = {
    ...cluster,
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    // kubectl talks plain HTTP where the server's address says so (kubectl proxy); client-node wants this as a sign.
    ...(cluster.server.startsWith('http:') ? { skipTLSVerify: true } : {}),
  };
  config.clusters = config.clusters.map((each) => (each === cluster ? changed : each));
}

/** What client-go tells a credential plugin and client-node does not. */
function completeUser(config: KubeConfig): void {
  const user = config.getCurrentUser();
  const cluster = config.getCurrentCluster();
  const exec = user?.exec as ExecPlugin | undefined;
  if (user === null || cluster === null || !exec) return;
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo
        ? {
            cluster: {
              server: cluster.server,
              'tls-server-name': cluster.tlsServerName,
              'insecure-skip-tls-verify': cluster.skipTLSVerify,
              'certificate-authority-data':
                cluster.caData ??
                (cluster.caFile ? readFileSync(cluster.caFile).toString('base64') : undefined),
            },
          }
        : {}),
    },
  };
  const env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
  const changed: User = { ...user, exec: { ...exec, env } };
  config.users = config.users.map((each) => (each === user ? changed : each));
}

interface ExecPlugin {
  apiVersion?: string;
  command?: string;
  env?: { name: string; value: string }[] | null;
  provideClusterInfo?: boolean;
}
