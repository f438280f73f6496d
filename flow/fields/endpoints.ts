/** What is told of each end of a flow. */
import type { Endpoint, Flow } from '../flow.ts';
import { type Column, type Field, integer } from './field.ts';

const ENDPOINTS = [
  ['src', 'client', (flow: Flow) => flow.src],
  ['dst', 'server', (flow: Flow) => flow.dst],
] as const;

export const ENDPOINT_FIELDS: readonly Field[] = ENDPOINTS.flatMap(([end, who, of]) =>
  endpointFields(end, who, of),
);

function endpointFields(end: 'src' | 'dst', who: string, of: (flow: Flow) => Endpoint): Field[] {
  const text = (
    name: string,
    meaning: string,
    example: string,
    read: (endpoint: Endpoint) => string | undefined,
    column?: Column,
  ): Field => ({
    ...{ name: `${end}.${name}`, type: 'string', meaning, example },
    ...(column === undefined ? {} : { column }),
    read: (flow) => read(of(flow)) ?? '',
  });
  return [
    text('ip', `IP address of the ${who}.`, `${end}.ip == "10.0.0.7"`, (e) => e.ip, `${end}.ip`),
    {
      name: `${end}.port`,
      type: 'int',
      meaning: `TCP port of the ${who}.`,
      example: `${end}.port == 8080`,
      column: `${end}.port`,
      read: (flow) => integer(of(flow).port),
    },
    text(
      'name',
      `Best short name of the ${who}: workload, service, DNS name, or the IP.`,
      `${end}.name == "cart"`,
      (e) => e.name,
      `${end}.name`,
    ),
    text(
      'namespace',
      `Namespace of the ${who}.`,
      `${end}.namespace == "shop"`,
      (e) => e.namespace,
      `${end}.namespace`,
    ),
    text(
      'workload',
      `Workload (Deployment, StatefulSet, …) of the ${who}.`,
      `${end}.workload == "cart"`,
      (e) => e.workload,
      `${end}.workload`,
    ),
    text('node', `Node the ${who} runs on.`, `${end}.node == "node-a"`, (e) => e.node, `${end}.node`),
    text('pod.name', `Pod of the ${who}.`, `${end}.pod.name.startsWith("cart-")`, (e) => e.pod, `${end}.pod`),
    text(
      'pod.namespace',
      `Namespace of the ${who}’s pod; of its service, where the pod is not known.`,
      `${end}.pod.namespace == "shop"`,
      (e) => e.namespace,
      `${end}.namespace`,
    ),
    text(
      'service.name',
      `Service of the ${who}.`,
      `${end}.service.name == "orders"`,
      (e) => e.service,
      `${end}.service`,
    ),
    text(
      'service.namespace',
      `Namespace of the ${who}’s service.`,
      `${end}.service.namespace == "shop"`,
      (e) => (e.service ? e.namespace : ''),
    ),
    text(
      'dns',
      `Name that the ${who} was asked for by, where it is outside the cluster.`,
      `${end}.dns.endsWith(".example.com")`,
      (e) => (e.namespace === undefined && e.node === undefined && e.name !== e.ip ? e.name : ''),
    ),
  ];
}
