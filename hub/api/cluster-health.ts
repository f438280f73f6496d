import type { InformerHealth } from '../../flow/cluster-health.ts';
import type { HealthInput } from './health.ts';
import { formatCount, formatDuration } from './quantities.ts';
import type { HealthMessage } from './worker-health.ts';

/** To read a cluster takes less than this, unless it is a very large one. */
const SLOW_SYNC_MS = 10_000;

/** Why flows have addresses instead of names, or names that are old. */
export function clusterMessages({ cluster, uptimeMs }: HealthInput): HealthMessage[] {
  if (cluster === undefined) return [];
  const messages = [...byProblem(cluster.informers).values()].map(problemMessage);
  if (messages.length > 0 || cluster.synced || uptimeMs < SLOW_SYNC_MS) return messages;
  const objects = cluster.informers.reduce((sum, informer) => sum + informer.objects, 0);
  const text =
    `The cluster is still being read after ${formatDuration(uptimeMs)} (${formatCount(objects)} objects so far): ` +
    'until that is done, flows are named by address.';
  return [{ level: 'info', text }];
}

/** An API server that is away is one problem, and not one of each kind of object. */
function byProblem(informers: readonly InformerHealth[]): Map<string, InformerHealth[]> {
  const groups = new Map<string, InformerHealth[]>();
  for (const informer of informers) {
    const { problem, kind, namespace = '' } = informer;
    if (problem === undefined) continue;
    const key = problem.code === 'API_FORBIDDEN' ? `${kind} ${namespace}` : problem.code;
    groups.set(key, [...(groups.get(key) ?? []), informer]);
  }
  return groups;
}

function problemMessage(informers: readonly InformerHealth[]): HealthMessage {
  const [{ problem }] = informers;
  const unknown = informers.filter(({ synced }) => !synced);
  const kinds = [...new Set(informers.map(({ kind }) => kind))].join(', ');
  const effect =
    unknown.length > 0
      ? `flows lack the names that come from ${kinds}`
      : `what is known of ${kinds} grows old`;
  return {
    level: unknown.some(({ kind }) => kind === 'Pod') ? 'error' : 'warning',
    text: `${capitalized(problem?.message ?? '')}. Until this works, ${effect}. ${problem?.remedy ?? ''}`,
  };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
