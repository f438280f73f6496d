import type { Held } from '../held.ts';
import { Passage } from './passage.ts';
import { isSamePod } from './sidecar.ts';

/** Like requests at one time that are compared with each other; of more only those with the same id are. */
const MAX_ALIKE = 64;

/**
 * Finds exchanges that are ways of one: from a client to its sidecar, from there to another pod's, from there to the server. They
 * become one arrival, which comes of the first of them. `due` are about to be committed, in this order; `waiting` come later.
 *
 * Only what goes on inside a pod is taken for such a way, and only together with a request from or to this pod that is the same,
 * in whose time it lies (or which lies in its time), and which bears the same id. Without ids there must be no other one.
 */
export function joinWays(due: readonly Held[], waiting: readonly Held[]): void {
  const all = [...due, ...waiting].filter((held) => !held.sealed && !held.joined && held.requestKey !== 0);
  const lines = new Set(all.filter(({ leg }) => leg !== 'between').map(({ requestLine }) => requestLine));
  if (lines.size === 0) return;
  const alike = all.filter(({ requestLine }) => lines.has(requestLine)).map((held) => new Passage(held));
  const isDue = new Set(due);
  const order = new Map(all.map((held, n) => [held, n]));
  for (const group of groupsOf(alike)) {
    for (const chain of chainsOf(group)) {
      const ways = chain.map(({ held }) => held);
      const first = ways.reduce((a, b) => (order.get(b)! < order.get(a)! ? b : a));
      if (isDue.has(first)) first.joinWays(ways);
    }
  }
}

/** By what both a proxy gets and what it passes on have in common. */
function groupsOf(all: readonly Passage[]): Passage[][] {
  return groupBy(all, ({ request }) => request).flatMap((group) => {
    if (group.length <= MAX_ALIKE) return [group];
    const withId = group.filter(({ id }) => id !== '');
    return groupBy(withId, ({ id }) => id).filter(({ length }) => length <= MAX_ALIKE);
  });
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** Ways in the order from client to server: at most one before and one behind the one between the pods. */
function chainsOf(group: readonly Passage[]): Passage[][] {
  const free = new Set(group);
  const chains: Passage[][] = [];
  for (const between of group) {
    if (between.leg !== 'between') continue;
    const before = theOne(group, between, free, (hop, way) => leadsTo(hop, way));
    if (before !== undefined) free.delete(before);
    const behind = theOne(group, between, free, (hop, way) => leadsTo(way, hop));
    if (behind !== undefined) free.delete(behind);
    if (before !== undefined || behind !== undefined) {
      chains.push([before, between, behind].filter((one) => one !== undefined));
    }
  }
  // Between the sidecars it was encrypted: nothing but the id tells.
  for (const before of group) {
    if (before.leg !== 'outbound' || !free.has(before)) continue;
    const behind = [...free].filter(
      (one) => one.leg === 'inbound' && one.hasIdOf(before) === true && before.contains(one) !== false,
    );
    if (behind.length !== 1) continue;
    free.delete(behind[0]!);
    chains.push([before, behind[0]!]);
  }
  return chains;
}

/**
 * The hop that goes with a way between pods: of those with the same id the nearest in time; without ids the only one, which must go
 * with no other way either.
 */
function theOne(
  group: readonly Passage[],
  between: Passage,
  free: ReadonlySet<Passage>,
  goesWith: (hop: Passage, way: Passage) => boolean,
): Passage | undefined {
  const found = [...free].filter((hop) => hop.leg !== 'between' && goesWith(hop, between));
  const withId = found.filter((hop) => hop.hasIdOf(between) === true);
  if (withId.length > 0) {
    const distance = (hop: Passage) => Math.abs(hop.time - between.time);
    return withId.reduce((best, hop) => (distance(hop) < distance(best) ? hop : best));
  }
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) return undefined;
  const ways = group.filter((way) => way.leg === 'between' && goesWith(only, way));
  return ways.length === 1 ? only : undefined;
}

/** Whether the request may have gone on from `first` as `next`; one of them is inside a pod, the other one between pods. */
function leadsTo(first: Passage, next: Passage): boolean {
  const [hop, wrongLeg] = first.leg === 'between' ? [next, 'outbound'] : [first, 'inbound'];
  if (hop.leg === wrongLeg) return false;
  const contains = first.contains(next);
  if (contains === false) return false;
  const sameId = first.hasIdOf(next);
  const samePod = hop === first ? isPodOf(first.src, next.src) : isPodOf(next.dst, first.dst);
  // Addresses inside a pod need not say which pod it is: then the id must.
  if (sameId === undefined) return contains === true && samePod === true;
  return sameId && samePod !== false;
}

/** undefined: of one of them it is not known which pod it is. */
function isPodOf(a: Passage['src'], b: Passage['src']): boolean | undefined {
  if (a.pod === undefined || b.pod === undefined) return undefined;
  return isSamePod(a, b);
}
