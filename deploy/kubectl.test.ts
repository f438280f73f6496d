/** What the real kubectl makes of the workloads with no cluster at hand: it reads them by the types of Kubernetes. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { clusterTool, toolsMissing } from '../test/cluster-tools.ts';
import { manifests } from './manifests.ts';
import { defaultOptions } from './options.ts';

const credentials = {
  caCertificate: '1',
  serverCertificate: '2',
  serverKey: '3',
  token: '4',
  workerToken: '5',
};
const because = toolsMissing === undefined ? '' : ` (skipped: ${toolsMissing})`;

describe.skipIf(toolsMissing !== undefined)(`read by kubectl${because}`, () => {
  test.each([
    ['Deployment', 'hub'],
    ['DaemonSet', 'worker'],
  ])('%s: nothing is unknown to it', async (kind, container) => {
    const objects = manifests({ ...defaultOptions(), credentials });
    const object = objects.find((candidate) => candidate.kind === kind);
    const kubectl = await clusterTool('kubectl');
    const args = ['set', 'image', '--local', '-f', '-', `${container}=changed:1`, '-o', 'json'];
    const running = promisify(execFile)(kubectl, args, { env: { KUBECONFIG: '/nonexistent' } });
    running.child.stdin?.end(JSON.stringify(object));
    const expected = structuredClone(object) as {
      spec: { template: { spec: { containers: { image: string }[] } } };
    };
    expected.spec.template.spec.containers[0].image = 'changed:1';
    // Fields that Kubernetes does not have are gone from what it writes.
    expect(JSON.parse((await running).stdout)).toMatchObject(expected);
  });
});
