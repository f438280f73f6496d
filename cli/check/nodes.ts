/** On which nodes workers can run. */

import type { Kube } from '../kube/client.ts';
import { KubeError } from '../kube/error.ts';
import type { Condition, ObjectBase } from '../kube/objects.ts';
import { type Findings, failed, ok, skipped, warning } from './finding.ts';

export interface CheckedNode extends ObjectBase {
  status?: {
    nodeInfo?: {
      operatingSystem?: string;
      architecture?: string;
      kernelVersion?: string;
      containerRuntimeVersion?: string;
    };
    conditions?: Condition[];
  };
}

/** The images' C library and Node.js want this one. */
const LEAST_KERNEL = [4, 18] as const;
/** Nodes named in one line. */
const NAMED = 5;

export async function* checkNodes(kube: Kube, signal: AbortSignal): Findings {
  let nodes: CheckedNode[];
  try {
    nodes = await kube.list<CheckedNode>('Node', { signal });
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'KUBE_FORBIDDEN') throw error;
    yield skipped('NODES', 'you may not list nodes: what they are is not known');
    return;
  }
  const usable = nodes.filter(canRun);
  const others = nodes.filter((node) => !canRun(node));
  if (usable.length === 0) {
    yield failed(
      'NODES',
      `none of the ${nodes.length} nodes is Linux on amd64 or arm64`,
      'Workers run on no other.',
    );
    return;
  }
  const facts = usable.map((node) => ({
    name: node.metadata.name,
    architecture: info(node).architecture,
    kernel: info(node).kernelVersion,
    runtime: info(node).containerRuntimeVersion,
    ready: isReady(node),
  }));
  const list = (values: (string | undefined)[]) => tally(values.map((value) => value ?? 'unknown'));
  yield ok(
    'NODES',
    `${usable.length === 1 ? '1 node' : `${usable.length} nodes`} for workers: ${list(facts.map(({ architecture }) => architecture))}; ` +
      `kernel ${list(facts.map(({ kernel }) => kernel))}; ${list(facts.map(({ runtime }) => runtime))}`,
    facts,
  );
  const old = usable.filter((node) => isOld(info(node).kernelVersion));
  if (old.length > 0) {
    yield failed(
      'KERNEL',
      `the kernel of ${names(old)} is older than ${LEAST_KERNEL.join('.')}`,
      'Workers cannot run there.',
    );
  }
  const away = usable.filter((node) => !isReady(node));
  if (away.length > 0) {
    yield warning(
      'NODES_NOT_READY',
      `${names(away)} ${away.length === 1 ? 'is' : 'are'} not ready: nothing is seen there`,
    );
  }
  if (others.length > 0) {
    const what = list(others.map((node) => `${info(node).operatingSystem}/${info(node).architecture}`));
    yield warning('NODES_LEFT_OUT', `no workers run on ${names(others)} (${what}): nothing is seen there`);
  }
}

function info({ status }: CheckedNode): NonNullable<NonNullable<CheckedNode['status']>['nodeInfo']> {
  return status?.nodeInfo ?? {};
}

/** The same that the workers' node affinity asks for. */
export function canRun(node: CheckedNode): boolean {
  const { labels = {} } = node.metadata;
  const { operatingSystem = '', architecture = '' } = info(node);
  return (
    operatingSystem === 'linux' &&
    (architecture === 'amd64' || architecture === 'arm64') &&
    labels['type'] !== 'virtual-kubelet' &&
    labels['eks.amazonaws.com/compute-type'] !== 'fargate'
  );
}

function isReady({ status }: CheckedNode): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function isOld(kernel = ''): boolean {
  const match = /^(\d+)\.(\d+)/.exec(kernel);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < LEAST_KERNEL[0] || (major === LEAST_KERNEL[0] && minor < LEAST_KERNEL[1]);
}

/** `amd64 (3), arm64`, the most frequent first. */
function tally(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([value, count]) => (counts.size === 1 || count === 1 ? value : `${value} (${count})`))
    .join(', ');
}

function names(nodes: readonly CheckedNode[]): string {
  const first = nodes.slice(0, NAMED).map(({ metadata }) => metadata.name);
  const rest = nodes.length - first.length;
  return `${first.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}
