import type { Endpoint } from '../../flow/flow.ts';
import { Standing } from './namer.ts';
import type { Observation } from './observation.ts';

/**
 * The client of an exchange that was seen at several places: its own address is the one before translation of the source. Of
 * addresses that say equally much it is the one seen where the destination was not translated yet, then the first in time.
 */
export function clientOf(seen: readonly Observation[]): Endpoint {
  return seen.reduce((best, other) => (nearerToClient(other, best) ? other : best)).src.endpoint;
}

/** The server: what served, named with the service that was dialled. */
export function serverOf(seen: readonly Observation[]): Endpoint {
  const { endpoint } = seen.reduce((best, other) => (nearerToServer(other, best) ? other : best)).dst;
  const service = seen.find(({ dst }) => dst.service !== undefined)?.dst.service ?? endpoint.service;
  return service === endpoint.service ? endpoint : { ...endpoint, service: service as string };
}

/** The observations nearest to both ends that saw the whole exchange; undefined where none did. */
export function nearestTo(
  client: Endpoint,
  server: Endpoint,
  seen: readonly Observation[],
): { atClient: Observation; atServer: Observation } | undefined {
  const whole = seen.filter(({ elapsed }) => !Number.isNaN(elapsed));
  if (whole.length === 0) return undefined;
  return {
    atClient: whole.reduce((best, other) => (isAtClient(other, best, client) ? other : best)),
    atServer: whole.reduce((best, other) => (isAtServer(other, best, server) ? other : best)),
  };
}

function nearerToClient(a: Observation, b: Observation): boolean {
  if (a.src.standing !== b.src.standing) return a.src.standing > b.src.standing;
  const [aBefore, bBefore] = [isBeforeTranslation(a), isBeforeTranslation(b)];
  return aBefore === bBefore ? timeOf(a) < timeOf(b) : aBefore;
}

function nearerToServer(a: Observation, b: Observation): boolean {
  if (a.dst.standing !== b.dst.standing) return a.dst.standing > b.dst.standing;
  if ((a.dst.service === undefined) !== (b.dst.service === undefined)) return a.dst.service !== undefined;
  return timeOf(a) > timeOf(b);
}

/** On the client's node, then at its own address, before translation, and where it took longest. */
function isAtClient(a: Observation, b: Observation, { node }: Endpoint): boolean {
  if ((a.node === node) !== (b.node === node)) return a.node === node;
  if (a.src.standing !== b.src.standing) return a.src.standing > b.src.standing;
  const [aBefore, bBefore] = [isBeforeTranslation(a), isBeforeTranslation(b)];
  return aBefore === bBefore ? a.elapsed > b.elapsed : aBefore;
}

/** On the server's node, then at its own address, and where the wait was shortest. */
function isAtServer(a: Observation, b: Observation, { node }: Endpoint): boolean {
  if ((a.node === node) !== (b.node === node)) return a.node === node;
  if (a.dst.standing !== b.dst.standing) return a.dst.standing > b.dst.standing;
  return a.serverSpan < b.serverSpan;
}

function isBeforeTranslation({ dst }: Observation): boolean {
  return dst.standing === Standing.onTheWay;
}

function timeOf({ requestTime, responseTime }: Observation): number {
  return Number.isNaN(requestTime) ? responseTime : requestTime;
}
