import { expect, test } from 'vitest';
import type { ObjectBase } from '../kube/objects.ts';
import { withoutSecrets } from './objects.ts';

const show = (object: object) => withoutSecrets(object as ObjectBase);

test('of a Secret the names and sizes stay', () => {
  const secret = {
    kind: 'Secret',
    metadata: { name: 'remora' },
    data: { token: Buffer.from('CANARY-1').toString('base64') },
    stringData: { other: 'CANARY-22' },
  };
  expect(show(secret)).toMatchObject({
    data: { token: '(withheld, 8 bytes)' },
    stringData: { other: '(withheld, 9 bytes)' },
  });
});

test("variables keep Remora's own values, and no others", () => {
  const env = [
    { name: 'REMORA_LOG_LEVEL', value: 'debug' },
    { name: 'REMORA_TOKEN', value: 'CANARY' },
    { name: 'HTTP_PROXY', value: 'http://u:CANARY@proxy' },
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  ];
  const pod = {
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ env }], initContainers: [{ env }], ephemeralContainers: [{ env }, {}] },
  };
  const daemonSet = { kind: 'DaemonSet', metadata: { name: 'd' }, spec: { template: { spec: pod.spec } } };
  for (const object of [pod, daemonSet]) {
    const text = JSON.stringify(show(object));
    expect(text).not.toContain('CANARY');
    expect(text).toContain('"REMORA_LOG_LEVEL","value":"debug"');
    expect(text).toContain('spec.nodeName');
  }
});

test('what kubectl keeps of the object in an annotation goes, and so does who changed what', () => {
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{"data":"CANARY"}',
    mine: 'yes',
  };
  const object = { kind: 'ConfigMap', metadata: { name: 'c', annotations, managedFields: [{}] } };
  expect(show(object)).toEqual({ kind: 'ConfigMap', metadata: { name: 'c', annotations: { mine: 'yes' } } });
});

test('the object itself is not changed', () => {
  const secret = { kind: 'Secret', metadata: { name: 's' }, data: { a: 'QQ==' } };
  show(secret);
  expect(secret.data.a).toBe('QQ==');
});
