/** create, update, patch, apply. */

import { parse as parseYaml } from 'yaml';
import { applyNew, applyOver, noteUpdate } from '../apply/apply.ts';
import { unknownField } from '../apply/known-fields.ts';
import { type ObjectStore, randomSuffix } from '../objects/store.ts';
import type { ApiRequest, ResourceRequest } from '../request.ts';
import { apiVersionOf, type Resource } from '../resources.ts';
import { ApiFailure, badRequest, type Cause, forbidden, invalid } from '../status.ts';
import { copyOf, isObject, type KubeObject } from '../types.ts';
import { fillDefaults } from './defaults.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { validate } from './validate.ts';

/** Looks at an object before it is stored: may refuse it, may change it, may warn. */
export type Admission = (object: KubeObject, previous: KubeObject | undefined) => string[];

export interface Written {
  code: 200 | 201;
  object: KubeObject;
  warnings: string[];
}

export interface Write {
  store: ObjectStore;
  request: ApiRequest;
  resource: Resource;
  target: ResourceRequest;
  admit: Admission;
}

export function create(write: Write): Written {
  const { resource, target } = write;
  const object = readBody(write);
  object.metadata ??= { name: '' };
  if (!object.metadata.name && object.metadata.generateName)
    object.metadata.name = object.metadata.generateName + randomSuffix();
  if (!object.metadata.name) {
    const why = {
      reason: 'FieldValueRequired',
      message: 'Required value: name or generateName is required',
      field: 'metadata.name',
    };
    throw invalid(resource, '', [why]);
  }
  object.metadata.name = String(object.metadata.name);
  inNamespace(object, resource, target);
  noteUpdate(undefined, object, managerOf(write.request));
  return save(write, object, undefined);
}

export function update(write: Write): Written {
  const { store, resource, target, request } = write;
  const object = readBody(write);
  inNamespace(object, resource, target);
  checkName(object, target);
  const previous = store.need(resource, object.metadata.namespace ?? '', target.name);
  if (target.subresource === 'status') {
    const merged = { ...copyOf(previous), status: object['status'] } as KubeObject;
    return save(write, merged, previous);
  }
  noteUpdate(previous, object, managerOf(request));
  return save(write, object, previous);
}

const PATCHES: Record<string, (write: Write) => Written> = {
  'application/apply-patch+yaml': apply,
  'application/merge-patch+json': (write) => patchWith(write, mergePatch),
  // The members that merge by key do so in strategic patches; whole lists are enough for these tests.
  'application/strategic-merge-patch+json': (write) => patchWith(write, mergePatch),
  'application/json-patch+json': (write) => patchWith(write, jsonPatch),
};

export function patch(write: Write): Written {
  const type = (write.request.headers['content-type'] ?? '').split(';')[0]!.trim();
  const handler = PATCHES[type];
  if (handler === undefined)
    throw new ApiFailure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  return handler(write);
}

function patchWith(write: Write, change: (object: KubeObject, patch: unknown) => KubeObject): Written {
  const { store, resource, target, request } = write;
  const previous = store.need(resource, resource.namespaced ? target.namespace : '', target.name);
  const object = change(copyOf(previous), readJson(request, resource));
  if (target.subresource !== 'status') noteUpdate(previous, object, managerOf(request));
  return save(write, object, previous);
}

function apply(write: Write): Written {
  const { store, request, resource, target } = write;
  const manager = request.query.get('fieldManager');
  if (!manager) throw applyWithoutManager();
  const applied = readApplied(write);
  inNamespace(applied, resource, target);
  checkName(applied, target);
  refuseUnknownField(applied);
  const live = store.get(resource, applied.metadata.namespace ?? '', target.name);
  if (live === undefined) {
    requireNamespace(write, applied);
    return save(write, applyNew(applied, manager), undefined);
  }
  const force = request.query.get('force') === 'true';
  return save(write, applyOver(live, applied, manager, force), live);
}

function save(write: Write, object: KubeObject, previous: KubeObject | undefined): Written {
  const { store, resource, request } = write;
  fillDefaults(object, previous);
  validate(resource, object, previous);
  if (previous === undefined) requireNamespace(write, object);
  const warnings = write.admit(object, previous);
  const code = previous === undefined ? 201 : 200;
  if (request.query.getAll('dryRun').includes('All'))
    return { code, object: dryRun(object, previous), warnings };
  return { code, object: previous === undefined ? store.create(object) : store.update(object), warnings };
}

/** As it would be, with the version of what is there. */
function dryRun(object: KubeObject, previous: KubeObject | undefined): KubeObject {
  const { uid, resourceVersion, creationTimestamp } = previous?.metadata ?? {};
  const metadata = {
    ...object.metadata,
    uid: uid ?? '00000000-0000-0000-0000-000000000000',
    creationTimestamp: creationTimestamp ?? new Date().toISOString(),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const { kind, apiVersion, metadata: _metadata, ...rest } = object;
  return { kind, apiVersion, metadata, ...rest };
}

function requireNamespace({ store, resource }: Write, object: KubeObject): void {
  const { namespace, name } = object.metadata;
  if (!resource.namespaced || !namespace) return;
  const found = store.get('namespaces', '', namespace);
  if (found === undefined)
    throw new ApiFailure(404, 'NotFound', `namespaces "${namespace}" not found`, {
      name: namespace,
      kind: 'namespaces',
    });
  if (!found.metadata.deletionTimestamp) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const failure = forbidden(resource, name, why);
  failure.status.details!.causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ];
  throw failure;
}

function inNamespace(object: KubeObject, resource: Resource, target: ResourceRequest): void {
  object.metadata ??= { name: target.name };
  if (!resource.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  const { namespace } = object.metadata;
  if (namespace && namespace !== target.namespace)
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  object.metadata.namespace = target.namespace;
}

function checkName(object: KubeObject, { name }: ResourceRequest): void {
  object.metadata.name ??= name;
  if (object.metadata.name === name) return;
  throw badRequest(
    `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`,
  );
}

function refuseUnknownField(object: KubeObject): void {
  const field = unknownField(object);
  if (field === undefined) return;
  const { apiVersion, kind, metadata } = object;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const what = `/${metadata.name}; ${group}/${version}, Kind=${kind}`;
  const message = `failed to create typed patch object (${what}): ${field}: field not declared in schema`;
  throw new ApiFailure(500, undefined, message);
}

function applyWithoutManager(): ApiFailure {
  const cause: Required<Cause> = {
    reason: 'FieldValueRequired',
    message: 'Required value: is required for apply patch',
    field: 'fieldManager',
  };
  const message = `PatchOptions.meta.k8s.io "" is invalid: ${cause.field}: ${cause.message}`;
  const details = { group: 'meta.k8s.io', kind: 'PatchOptions', causes: [cause] };
  return new ApiFailure(422, 'Invalid', message, details);
}

function readBody({ request, resource }: Write): KubeObject {
  const body = readJson(request, resource);
  if (!isObject(body)) throw badRequest('the object provided is unrecognized');
  const object = { kind: resource.kind, apiVersion: apiVersionOf(resource), ...body } as KubeObject;
  if (object.kind !== resource.kind || object.apiVersion !== apiVersionOf(resource)) {
    const why = `${object.kind} in version "${object.apiVersion}" cannot be handled as a ${resource.kind}`;
    throw badRequest(`${why}: converting to it is not possible`);
  }
  return object;
}

function readApplied({ request, resource }: Write): KubeObject {
  const body: unknown = parseYaml(request.body.toString());
  if (!isObject(body)) throw badRequest('error decoding YAML: the patch is not an object');
  const object = body as KubeObject;
  if (object.kind !== resource.kind || object.apiVersion !== apiVersionOf(resource)) {
    const message = `the kind or version of the object (${object.apiVersion}, ${object.kind}) does not match the URL`;
    throw badRequest(message);
  }
  return object;
}

function readJson(request: ApiRequest, resource: Resource): unknown {
  const text = request.body.toString();
  try {
    return JSON.parse(text);
  } catch {
    const why = "couldn't get version/kind; json parse error: unexpected end of JSON input";
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): ${why} (${text})`,
    );
  }
}

/** Who changes: as told, or the program's name in its User-Agent. */
export function managerOf(request: ApiRequest): string {
  return request.query.get('fieldManager') || (request.headers['user-agent'] ?? 'unknown').split('/')[0]!;
}
