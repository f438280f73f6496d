/** Faults on demand: what a request may meet instead of its answer. */

import type { ApiRequest } from './request.ts';

export interface FaultMatch {
  method?: string;
  /** On the path with the query. */
  path?: RegExp;
  /** RBAC's: list, watch, get, create, patch, delete, … */
  verb?: string;
  /** The plural: pods. */
  resource?: string;
  subresource?: string;
}

export type Fault =
  /** A failure instead of the answer. */
  | { kind: 'answer'; code: number; reason?: string; message?: string; retryAfterSeconds?: number }
  /** The answer comes later. */
  | { kind: 'delay'; ms: number }
  /** The request is taken and never answered; the connection stays open. */
  | { kind: 'stall' }
  /** The connection is reset without an answer. */
  | { kind: 'reset' }
  /** The answer breaks off after so many bytes of its body, and the connection is reset. */
  | { kind: 'break'; afterBytes: number };

interface Planned {
  match: FaultMatch;
  fault: Fault;
  /** How many more requests meet it. */
  left: number;
}

export class Faults {
  #planned: Planned[] = [];

  /** The next `times` requests that match meet the fault; without `times`, all until `clear`. */
  add(match: FaultMatch, fault: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#planned.push({ match, fault, left: times });
  }

  clear(): void {
    this.#planned = [];
  }

  /** The fault for a request, counted as met. */
  take(request: ApiRequest): Fault | undefined {
    const found = this.#planned.find(({ match, left }) => left > 0 && matches(match, request));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}

function matches(match: FaultMatch, { method, path, query, target }: ApiRequest): boolean {
  const whole = query.size > 0 ? `${path}?${query}` : path;
  return (
    (match.method === undefined || match.method === method) &&
    (match.path === undefined || match.path.test(whole)) &&
    (match.verb === undefined || match.verb === target?.verb) &&
    (match.resource === undefined || match.resource === target?.plural) &&
    (match.subresource === undefined || match.subresource === target?.subresource)
  );
}
