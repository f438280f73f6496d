import type { Connection, Endpoint } from '../../../flow/flow.ts';

/** Refused connections from one end to another. */
export interface RefusedGroup {
  key: string;
  /** Of the newest. */
  src: Endpoint;
  dst: Endpoint;
  /** Newest first. */
  connections: Connection[];
}

/** Connections, newest first, by who asked whom on which port: most first, then newest. */
export function refusedGroups(connections: readonly Connection[]): RefusedGroup[] {
  const groups = new Map<string, RefusedGroup>();
  for (const connection of connections) {
    const { src, dst } = connection;
    const key = JSON.stringify([src.namespace, src.name, dst.namespace, dst.name, dst.port]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, src, dst, connections: [connection] });
    else group.connections.push(connection);
  }
  return [...groups.values()].sort((a, b) => b.connections.length - a.connections.length);
}
