import type { Cluster } from '../cluster.ts';
import type { KubeObject } from '../types.ts';

/** What stands behind a pod: runs from its scheduling until the signal, and sets its status meanwhile. */
export type PodRun = (cluster: Cluster, pod: KubeObject, signal: AbortSignal) => Promise<void>;
