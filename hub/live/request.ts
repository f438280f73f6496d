import { type LiveRequest, MAP_LEVELS, type MapLevel } from '../../flow/api.ts';
import { HubError } from '../errors.ts';
import { LIVE_LIMITS } from './limits.ts';

/** A client's message, checked. Throws HubError LIVE_MESSAGE_INVALID. */
export function parseLiveRequest(text: string): LiveRequest {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    throw new HubError('LIVE_MESSAGE_INVALID', 'it is not JSON', error);
  }
  if (typeof message !== 'object' || message === null) {
    throw new HubError('LIVE_MESSAGE_INVALID', 'it is not an object');
  }
  const { type, stream, filter, full, window, level } = message as Record<string, unknown>;
  if (type === 'next') return { type };
  if (type !== 'subscribe')
    throw new HubError('LIVE_MESSAGE_INVALID', 'its type is neither subscribe nor next');
  if (stream === 'flows') return { type, stream, filter: checkFilter(filter), full: checkFull(full) };
  if (stream === 'map') return { type, stream, window: checkWindow(window), level: checkLevel(level) };
  throw new HubError('LIVE_MESSAGE_INVALID', 'its stream is neither flows nor map');
}

function checkFilter(filter: unknown): string {
  if (filter === undefined) return '';
  if (typeof filter !== 'string') throw new HubError('LIVE_MESSAGE_INVALID', 'filter is not a text');
  return filter;
}

function checkFull(full: unknown): boolean {
  if (full === undefined) return false;
  if (typeof full !== 'boolean') throw new HubError('LIVE_MESSAGE_INVALID', 'full is not true or false');
  return full;
}

function checkWindow(window: unknown): number {
  const max = LIVE_LIMITS.liveMapWindow;
  if (typeof window !== 'number' || !(window >= 1 && window <= max)) {
    throw new HubError('LIVE_MESSAGE_INVALID', `window is not a number of seconds from 1 to ${max}`);
  }
  return window;
}

function checkLevel(level: unknown): MapLevel {
  const known = MAP_LEVELS.find((one) => one === (level ?? 'workload'));
  if (known === undefined) {
    throw new HubError('LIVE_MESSAGE_INVALID', `level is none of ${MAP_LEVELS.join(', ')}`);
  }
  return known;
}
