/** Names of one segment kept in memory, of each kind. */
const MAX_CACHED_NAMES = 20_000;

/** What the cache has for an id, loaded if need be. A full cache begins anew: it is no place for results. */
export function cached<T>(cache: Map<number, T>, id: number, load: () => T): T {
  let value = cache.get(id);
  if (value === undefined) {
    if (cache.size >= MAX_CACHED_NAMES) cache.clear();
    value = load();
    cache.set(id, value);
  }
  return value;
}
