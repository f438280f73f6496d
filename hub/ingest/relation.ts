import type { Trace } from './observation.ts';

/**
 * How far apart the first bytes may be, µs, where not all positions are the same. On one node it is at most until something lost
 * in between was sent again; between nodes their clocks differ.
 */
const SPREAD_ON_NODE = 250_000;
const SPREAD_OF_NODES = 5_000_000;
/** By how much the times of two interfaces of one node can be in the wrong order, µs. */
const DISORDER = 1000;

/** Whether both are the same connection at the same place: then they are two exchanges, each told once. */
export function isRepetition(a: Trace, b: Trace): boolean {
  return a.node === b.node && a.srcSocket === b.srcSocket && a.dstSocket === b.dstSocket;
}

/**
 * Whether two observations with the same positions can be one exchange, by time and addresses: followed to another node, or
 * before and after address translation. Positions alone do not prove it: of half an exchange 32 bits are few, and captures
 * made by programs number all connections alike.
 */
export function canBeOne(a: Trace, b: Trace): boolean {
  const sameSrc = a.srcSocket === b.srcSocket;
  const sameDst = a.dstSocket === b.dstSocket;
  const whole = a.randomSeqs === 2 && b.randomSeqs === 2;
  if (sameSrc && sameDst) return whole || isNear(a, b, SPREAD_OF_NODES);

  const sameNode = a.node === b.node;
  if (!(sameNode ? isInOneMoment(a, b) : isNear(a, b, SPREAD_OF_NODES))) return false;
  const translated = a.translated || b.translated;
  if (a.randomSeqs === 0) return translated && (sameSrc || sameNode);
  // All the same at the same time: whatever translated it, there is no other way for that.
  if (whole && sameNode) return true;
  // The destination was translated and the client's socket stayed; or the source, to another address.
  if (sameSrc || (sameDst && a.srcAddress !== b.srcAddress)) return true;
  // Both were: on a node's port or a service, or for a pod that calls itself through its service.
  return translated || a.srcAddress === b.dstAddress || a.dstAddress === b.srcAddress;
}

/** On one clock what is seen near the server lies within what is seen near the client. */
function isInOneMoment(a: Trace, b: Trace): boolean {
  const request = b.requestTime - a.requestTime;
  const response = b.responseTime - a.responseTime;
  if (Number.isNaN(request) || Number.isNaN(response)) return isNear(a, b, SPREAD_ON_NODE);
  return (request >= -DISORDER && response <= DISORDER) || (request <= DISORDER && response >= -DISORDER);
}

/** By the time of what both have seen. */
function isNear(a: Trace, b: Trace, spread: number): boolean {
  return (
    Math.abs(a.requestTime - b.requestTime) <= spread || Math.abs(a.responseTime - b.responseTime) <= spread
  );
}
