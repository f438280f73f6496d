import pino from 'pino';
import { afterEach, expect } from 'vitest';
import type { KubeObject } from '../../objects.ts';
import { ClusterWatch } from '../cluster-watch.ts';
import { WATCH_LIMITS } from '../limits.ts';
import { type Asked, FakeApi, kubeConfig } from './fake-api.ts';

export const PODS = '/api/v1/pods';
export const SERVICES = '/api/v1/services';
export const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';
export const NODES = '/api/v1/nodes';
export const NAMESPACES = '/api/v1/namespaces';

/** As short as tests need them. */
export const LIMITS = {
  ...WATCH_LIMITS,
  clusterPageObjects: 2,
  clusterBackOffFirstMs: 5,
  clusterBackOffLongestMs: 40,
};

/** Later than anything that a test does, µs since the epoch. */
const LATER = 4_000_000_000_000_000;

/** What tests open, and close when they are over. */
export class Scene {
  readonly #open: { close(): Promise<void> }[] = [];

  add<T extends { close(): Promise<void> }>(part: T): T {
    this.#open.push(part);
    return part;
  }

  /** An API server that listens. */
  async api(tls?: { key: string; cert: string }): Promise<FakeApi> {
    return this.add(await new FakeApi(tls).listen());
  }

  /** A watch that has begun. */
  watch(
    server: FakeApi | ConstructorParameters<typeof ClusterWatch>[0]['load'],
    { namespaces = [] as string[], limits = {} } = {},
  ): ClusterWatch {
    const load = server instanceof FakeApi ? async () => kubeConfig(server.url) : server;
    const log = pino({ level: 'silent' });
    const watch = this.add(new ClusterWatch({ load, namespaces, log, limits: { ...LIMITS, ...limits } }));
    watch.start();
    return watch;
  }

  async close(): Promise<void> {
    for (let part = this.#open.pop(); part !== undefined; part = this.#open.pop()) await part.close();
  }
}

/** A scene for each test of a file, which is closed behind it; and none of them leaves a rejection that nobody handles. */
export function useScene(): Scene {
  const scene = new Scene();
  const rejections: unknown[] = [];
  process.on('unhandledRejection', (reason) => rejections.push(reason));
  afterEach(async () => {
    await scene.close();
    expect(rejections).toEqual([]);
  });
  return scene;
}

/** What a listener hears, in words. */
export function listen(watch: ClusterWatch): { heard: string[]; stop: () => void } {
  const heard: string[] = [];
  const name = (object: KubeObject) => `${object.kind} ${object.name}`;
  const stop = watch.onChange({
    set: (object) => heard.push(`set ${name(object)}`),
    remove: (object) => heard.push(`remove ${name(object)}`),
    synced: () => heard.push('synced'),
  });
  return { heard, stop };
}

export async function until(what: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!what()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export function isWatch(path: string): (asked: Asked) => boolean {
  return (asked) => asked.path === path && asked.query['watch'] === 'true';
}

export function isList(path: string): (asked: Asked) => boolean {
  return (asked) => asked.path === path && asked.query['watch'] === undefined;
}

/** The pod that has the address, as far as is known. */
export function podOf(watch: ClusterWatch, ip: string): string | undefined {
  return watch.identity.pod(ip, LATER)?.name;
}

/** `KIND CODE` of what keeps informers from going on. */
export function problems(watch: ClusterWatch): string[] {
  return watch
    .health()
    .informers.flatMap(({ kind, problem }) => (problem ? [`${kind} ${problem.code}`] : []));
}
