/** The Deployments `web` and `client`, as objects. */

import type { KubernetesObject } from '@kubernetes/client-node';

export interface WorkloadImages {
  /** Has `sh`, `httpd` and `wget`: busybox. */
  image: string;
  pullPolicy: string;
}

const SERVE = 'mkdir -p /www && echo pong > /www/ping && exec httpd -f -p 8080 -h /www';

export function workload(namespace: string, { image, pullPolicy }: WorkloadImages): KubernetesObject[] {
  const ask = `while true; do wget -q -O /dev/null http://web.${namespace}.svc:8080/ping; sleep 0.5; done`;
  const container = (command: string) => ({
    name: 'main',
    image,
    imagePullPolicy: pullPolicy,
    command: ['sh', '-c', command],
  });
  return [
    deployment(namespace, 'web', 2, { ...container(SERVE), ports: [{ name: 'http', containerPort: 8080 }] }),
    deployment(namespace, 'client', 1, container(ask)),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace },
      spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 'http' }] },
    } as KubernetesObject,
  ];
}

function deployment(namespace: string, name: string, replicas: number, container: object): KubernetesObject {
  const labels = { app: name };
  const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  } as KubernetesObject;
}
