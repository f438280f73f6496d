import { invalidAnswer, type Request } from './failure.ts';
import type { InformerContext } from './informer.ts';
import { LineReader } from './line-reader.ts';

/** One line of a watch. */
export interface WatchEvent {
  type: string;
  object: unknown;
}

/**
 * What happens from a version on, until the server ends the watch. Throws ClusterError. `onAnswer`: the server agrees to the
 * watch, though its first event may still be that the version is too old.
 */
export async function* watchEvents(
  request: Request,
  version: string,
  { api, limits, counters }: InformerContext,
  signal: AbortSignal,
  onAnswer: () => void,
): AsyncGenerator<WatchEvent> {
  counters.clusterWatches++;
  const seconds = Math.ceil(((1 + Math.random()) * limits.clusterWatchMs) / 1000);
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: version,
    timeoutSeconds: String(seconds),
  };
  const lines = new LineReader(limits.clusterObjectBytes, () => counters.clusterObjectsSkipped++);
  const reading = { query, silence: limits.clusterWatchSilenceMs, signal, onAnswer };
  for await (const chunk of api.read(request, reading)) {
    for (const line of lines.push(chunk)) yield readEvent(request, line);
  }
}

function readEvent(request: Request, line: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw invalidAnswer(request, error);
  }
  const { type, object } = (event ?? {}) as Partial<WatchEvent>;
  if (typeof type !== 'string') throw invalidAnswer(request, new SyntaxError('an event has no type'));
  return { type, object };
}
