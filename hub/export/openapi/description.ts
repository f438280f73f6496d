import type { Endpoint, Flow } from '../../../flow/flow.ts';
import { foldTemplates } from '../../../flow/path-fold.ts';
import { Budget, type Costs, OPENAPI_LIMITS } from './limits.ts';
import { OperationSketch } from './operation-sketch.ts';
import { namePath, readPath } from './path.ts';

type Json = Record<string, unknown>;

/** Those that a Path Item Object has (OpenAPI 3.1 §4.8.9). */
const METHODS = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']);
/** Hosts of one service that are told apart. */
const HOSTS = 16;

interface Service {
  name: string;
  /** How often it was asked under each. */
  hosts: Map<string, number>;
  operations: Map<string, Operation>;
}

interface Operation {
  method: string;
  template: string;
  sketch: OperationSketch;
}

/** What is told of where the flows come from. */
export interface Origin {
  version: string;
  filter: string;
  /** RFC 3339; undefined: all that is stored. */
  from?: string;
  to?: string;
  /** There were more flows than could be looked at. */
  partial: boolean;
}

/** Learns from flows what services offer, and describes it as OpenAPI 3.1. Holds no captured value. */
export class ApiDescription {
  flows = 0;
  private readonly budget = new Budget();
  private readonly services = new Map<string, Service>();
  private operations = 0;

  add({ request, response, dst }: Flow): void {
    this.flows++;
    if (request === undefined || !METHODS.has(request.method) || !request.path.startsWith('/')) {
      this.budget.costs.others++;
      return;
    }
    const { template, values } = readPath(request.path);
    const service = this.service(dst);
    const operation = this.operation(service, request.method, template);
    if (operation === undefined) return;
    if (service.hosts.size < HOSTS || service.hosts.has(request.host))
      service.hosts.set(request.host, (service.hosts.get(request.host) ?? 0) + 1);
    operation.sketch.add(request, response, values);
  }

  /** The document: the same flows in the same order make the same text. */
  build(origin: Origin): Json {
    const services = [...this.services.values()]
      .filter(({ operations }) => operations.size > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((service) => ({ ...service, server: serverOf(service) }));
    return {
      openapi: '3.1.0',
      info: {
        title: services.length === 1 ? services[0]?.name : 'Observed HTTP services',
        version: 'observed',
        description: this.words(origin),
      },
      servers: services.map(({ server }) => server),
      paths: pathsOf(services, this.budget),
      'x-remora': {
        version: origin.version,
        ...{ filter: origin.filter, from: origin.from ?? null, to: origin.to ?? null },
        flows: this.flows,
        partial: origin.partial,
        leftOut: { ...this.budget.costs },
        limits: OPENAPI_LIMITS,
      },
    };
  }

  private words({ partial }: Origin): string {
    const { costs } = this.budget;
    const left = (Object.keys(LEFT_OUT) as (keyof Costs)[])
      .filter((name) => costs[name] > 0)
      .map((name) => `- ${LEFT_OUT[name]}: ${costs[name]}`);
    return [
      `Inferred by Remora from ${this.flows} captured requests. It tells what was seen, not what is allowed: \`required\` ` +
        'is what no request or answer lacked, and `x-remora-seen` how often each was seen. There are no examples: no ' +
        'captured value is in here. Credentials and standard header fields are not described.',
      ...(partial ? ['There were more flows than could be looked at: the newest are in it.'] : []),
      ...(left.length === 0 ? [] : [`Left out:\n\n${left.join('\n')}`]),
    ].join('\n\n');
  }

  private service(dst: Endpoint): Service {
    const name = dst.namespace === undefined ? dst.name : `${dst.namespace}/${dst.name}`;
    let service = this.services.get(name);
    if (service === undefined) {
      service = { name, hosts: new Map(), operations: new Map() };
      this.services.set(name, service);
    }
    return service;
  }

  private operation({ operations }: Service, method: string, template: string): Operation | undefined {
    const key = `${method} ${template}`;
    let operation = operations.get(key);
    if (operation === undefined) {
      if (this.operations >= OPENAPI_LIMITS.operations) {
        this.budget.costs.operations++;
        return undefined;
      }
      this.operations++;
      operation = { method, template, sketch: new OperationSketch(this.budget) };
      operations.set(key, operation);
    }
    return operation;
  }
}

const LEFT_OUT: Record<keyof Costs, string> = {
  others: 'requests with a method or target that OpenAPI cannot describe, and answers without a request',
  operations: 'requests beyond the limit of operations',
  parameters: 'parameters beyond the limit',
  answers: 'answers and contents beyond the limit of statuses and media types',
  bodies: 'bodies that are not whole, withheld, or not valid, whose fields are not known',
  fields: 'fields beyond the limits of number and depth',
  items: 'items of long or deep arrays that were not looked at',
};

interface Server {
  url: string;
  description: string;
}

/** Where most of its clients find it. */
function serverOf({ name, hosts }: Service): Server {
  const [best] = [...hosts]
    .filter(([host]) => /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return { url: best === undefined ? '/' : `http://${best[0]}`, description: name };
}

/** What several services offer under one path is one operation: a document has a path but once. */
function pathsOf(services: readonly (Service & { server: Server })[], budget: Budget): Json {
  const merged = new Map<string, Operation & { servers: Server[] }>();
  for (const { operations, server } of services) {
    const own = [...operations.values()];
    const templates = foldTemplates(own);
    for (const { method, template, sketch } of own) {
      const key = `${templates.get(template)} ${method}`;
      let one = merged.get(key);
      if (one === undefined) {
        one = {
          method,
          template: templates.get(template) ?? template,
          sketch: new OperationSketch(budget),
          servers: [],
        };
        merged.set(key, one);
      }
      one.sketch.merge(sketch);
      if (!one.servers.includes(server)) one.servers.push(server);
    }
  }
  const paths: Record<string, Json> = Object.create(null);
  for (const [, { method, template, sketch, servers }] of [...merged].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { path, parameters } = namePath(template);
    paths[path] ??= {};
    // The servers of the document hold for what says nothing else.
    const own = services.length > 1 ? { servers } : {};
    paths[path][method.toLowerCase()] = { ...own, ...sketch.build(parameters) };
  }
  return { ...paths };
}
