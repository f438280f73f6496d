/** Failures, as the API server words them (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/). */

import { nameOf, type Resource } from './resources.ts';

export interface Cause {
  reason?: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** An answer that is a failure. `headers` go out with it. */
export class ApiFailure extends Error {
  readonly status: Status;
  readonly headers: Record<string, string>;

  constructor(
    code: number,
    reason: string | undefined,
    message: string,
    details?: StatusDetails,
    headers: Record<string, string> = {},
    metadata: Status['metadata'] = {},
  ) {
    super(message);
    this.headers = headers;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata,
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  get code(): number {
    return this.status.code!;
  }
}

/** `{name, group, kind}` without what is empty. The kind is the plural, as the server has it. */
export function detailsOf(resource: Pick<Resource, 'group' | 'plural'>, name?: string): StatusDetails {
  return {
    ...(name ? { name } : {}),
    ...(resource.group ? { group: resource.group } : {}),
    kind: resource.plural,
  };
}

export function notFound(resource: Resource, name: string): ApiFailure {
  const message = `${nameOf(resource)} "${name}" not found`;
  return new ApiFailure(404, 'NotFound', message, detailsOf(resource, name));
}

export function alreadyExists(resource: Resource, name: string): ApiFailure {
  const message = `${nameOf(resource)} "${name}" already exists`;
  return new ApiFailure(409, 'AlreadyExists', message, detailsOf(resource, name));
}

export function modified(resource: Resource, name: string): ApiFailure {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${nameOf(resource)} "${name}": ${why}`;
  return new ApiFailure(409, 'Conflict', message, detailsOf(resource, name));
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, 'BadRequest', message);
}

export function forbidden(resource: Resource, name: string | undefined, why: string): ApiFailure {
  const subject = name ? `${nameOf(resource)} "${name}"` : nameOf(resource);
  return new ApiFailure(403, 'Forbidden', `${subject} is forbidden: ${why}`, detailsOf(resource, name));
}

export function methodNotAllowed(): ApiFailure {
  return new ApiFailure(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** 422: each fault of an object, with the member it lies in. */
export function invalid(resource: Resource, name: string, faults: Required<Cause>[]): ApiFailure {
  const kind = resource.group ? `${resource.kind}.${resource.group}` : resource.kind;
  const lines = faults.map((fault) => `${fault.field}: ${fault.message}`);
  const list = lines.length === 1 ? lines[0]! : `[${lines.join(', ')}]`;
  return new ApiFailure(422, 'Invalid', `${kind} "${name}" is invalid: ${list}`, {
    name,
    ...(resource.group ? { group: resource.group } : {}),
    kind: resource.kind,
    causes: faults.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

/** 410: what was asked for lies before the last compaction. */
export function expired(message: string, continueToken?: string): ApiFailure {
  return new ApiFailure(
    410,
    'Expired',
    message,
    undefined,
    {},
    continueToken ? { continue: continueToken } : {},
  );
}
