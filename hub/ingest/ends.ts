import type { Endpoint } from '../../flow/flow.ts';
import { Standing } from './namer.ts';
import type { Sighting } from './observation.ts';

/**
 * The client of an exchange that was seen at several places: its own address is the one before translation of the source. Of
 * addresses that say equally much it is the one seen where the destination was not translated yet, then the first in time.
 */
export function clientOf(seen: readonly Sighting[]): Endpoint {
  return seen.reduce((best, other) => (nearerToClient(other, best) ? other : best)).src.endpoint;
}

/** The server: what served, named with the service that was dialled. */
export function serverOf(seen: readonly Sighting[]): Endpoint {
  const { endpoint } = seen.reduce((best, other) => (nearerToServer(other, best) ? other : best)).dst;
  const service = seen.find(({ dst }) => dst.service !== undefined)?.dst.service ?? endpoint.service;
  return service === endpoint.service ? endpoint : { ...endpoint, service: service as string };
}

/** How long an exchange took, as seen at one place, µs. */
export interface Spans {
  sighting: Sighting;
  /** The request's last byte to the answer's first. */
  server: number;
  /** The request's first byte to the answer's last. */
  whole: number;
}

/** What was seen nearest to each end by those who saw the whole exchange; undefined where nobody did. */
export function nearestTo(
  client: Endpoint,
  server: Endpoint,
  seen: readonly Spans[],
): { atClient: Spans; atServer: Spans } | undefined {
  const whole = seen.filter((spans) => !Number.isNaN(spans.whole));
  if (whole.length === 0) return undefined;
  return {
    atClient: whole.reduce((best, other) => (isAtClient(other, best, client) ? other : best)),
    atServer: whole.reduce((best, other) => (isAtServer(other, best, server) ? other : best)),
  };
}

function nearerToClient(a: Sighting, b: Sighting): boolean {
  if (a.src.standing !== b.src.standing) return a.src.standing > b.src.standing;
  const [aBefore, bBefore] = [isBeforeTranslation(a), isBeforeTranslation(b)];
  return aBefore === bBefore ? a.time < b.time : aBefore;
}

function nearerToServer(a: Sighting, b: Sighting): boolean {
  if (a.dst.standing !== b.dst.standing) return a.dst.standing > b.dst.standing;
  if ((a.dst.service === undefined) !== (b.dst.service === undefined)) return a.dst.service !== undefined;
  return a.time > b.time;
}

/** On the client's node, then at its own address, before translation, and where it took longest. */
function isAtClient(a: Spans, b: Spans, { node }: Endpoint): boolean {
  const [one, other] = [a.sighting, b.sighting];
  if ((one.node === node) !== (other.node === node)) return one.node === node;
  if (one.src.standing !== other.src.standing) return one.src.standing > other.src.standing;
  const [oneBefore, otherBefore] = [isBeforeTranslation(one), isBeforeTranslation(other)];
  return oneBefore === otherBefore ? a.whole > b.whole : oneBefore;
}

/** On the server's node, then at its own address, and where the wait was shortest. */
function isAtServer(a: Spans, b: Spans, { node }: Endpoint): boolean {
  const [one, other] = [a.sighting, b.sighting];
  if ((one.node === node) !== (other.node === node)) return one.node === node;
  if (one.dst.standing !== other.dst.standing) return one.dst.standing > other.dst.standing;
  return a.server < b.server;
}

function isBeforeTranslation({ dst }: Sighting): boolean {
  return dst.standing === Standing.onTheWay;
}
