/** The real kubectl and helm against the API server for tests: what is applied, and what is kept. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { clusterTool, toolsMissing } from '../../test/cluster-tools.ts';
import { KubeServer } from '../../test/kube/server.ts';
import { createCredentials } from '../credentials.ts';
import { manifests } from '../manifests.ts';
import { admittedCidrs } from '../network-policy.ts';
import { nodeCidrs } from '../node-addresses.ts';
import { defaultOptions } from '../options.ts';

const chart = fileURLToPath(new URL('remora', import.meta.url));
const because = toolsMissing === undefined ? '' : ` (skipped: ${toolsMissing})`;

describe.skipIf(toolsMissing !== undefined)(`in a cluster${because}`, () => {
  let kube: KubeServer;
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'remora-install-'));
    kube = await KubeServer.start();
  });
  afterEach(async () => {
    await kube.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function run(tool: 'helm' | 'kubectl', args: string[], input?: string): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kube.kubeconfig() };
    const running = promisify(execFile)(await clusterTool(tool), args, { env, maxBuffer: 16 * 2 ** 20 });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  test('kubectl applies the manifests, and finds nothing to change when it does so again', async () => {
    const credentials = await createCredentials('remora');
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: manifests({ ...defaultOptions(), credentials }),
    });
    const apply = ['apply', '--server-side', '--validate=false', '-f', '-'];
    expect((await run('kubectl', apply, list)).match(/serverside-applied/g)).toHaveLength(11);
    // Controllers write the status of workloads meanwhile: their generation tells what was asked of them.
    const versions = () => [
      ...[
        'secrets',
        'configmaps',
        'networkpolicies',
        'clusterroles',
        'serviceaccounts',
        'namespaces',
      ].flatMap((kind) =>
        kube.objects.list(kind).map(({ metadata }) => [kind, metadata.name, metadata.resourceVersion]),
      ),
      ...['deployments', 'daemonsets'].flatMap((kind) =>
        kube.objects.list(kind).map(({ metadata }) => [kind, metadata.name, metadata.generation]),
      ),
    ];
    const before = versions();
    expect(before).toContainEqual(['daemonsets', 'remora-worker', 1]);
    await run('kubectl', apply, list);
    expect(versions()).toEqual(before);
  });

  describe('the network policy of the chart', () => {
    async function admitted(values: string[] = []): Promise<string[] | undefined> {
      const render = ['template', 'remora', chart, '--namespace', 'remora', '--dry-run=server', ...values];
      const text = await run('helm', [...render, '--disable-openapi-validation']);
      const objects = parseAllDocuments(text).map((document) => document.toJS());
      return admittedCidrs(objects.find((object) => object?.kind === 'NetworkPolicy'));
    }

    function annotate(node: string, annotations: Record<string, string>, podCIDRs: string[] = []): void {
      kube.objects.modify('nodes', '', node, (copy) => {
        copy.metadata.annotations = annotations;
        copy['spec'] = { podCIDRs };
      });
    }

    test('names the nodes that the command line names', async () => {
      annotate('node1', { 'projectcalico.org/IPv4VXLANTunnelAddr': '10.1.70.0' }, [
        '10.244.0.0/24',
        'fd00:10:244::/64',
      ]);
      annotate('node2', {
        'projectcalico.org/IPv4Address': '10.77.0.2/24',
        'flannel.alpha.coreos.com/public-ip': 'none',
        'network.cilium.io/ipv6-cilium-host': 'fd02::9c',
      });
      kube.addNode('node3', 'not-an-address');
      const cidrs = await admitted();
      expect(cidrs).toEqual(nodeCidrs(kube.objects.list('nodes')));
      expect(cidrs).toContain('10.77.0.1/32');
      expect(cidrs).toHaveLength(6);
      expect(await admitted(['--set', 'hub.nodeCidrs={10.0.0.0/8}'])).toEqual(['10.0.0.0/8']);
    });

    test('names none where they may not be asked, or tell too little', async () => {
      expect(await admitted(['--set', 'namespaceOnly={shop}'])).toBeUndefined();
      annotate('node2', { 'k8s.ovn.org/node-subnets': '{"default":["10.128.2.0/23"]}' });
      expect(await admitted()).toBeUndefined();
    });
  });

  test('helm keeps the credentials that are in the cluster, and makes others where there are none', async () => {
    // As an upgrade renders: with the cluster at hand. (Without --dry-run=server the chart cannot ask it.)
    const render = ['template', 'remora', chart, '--namespace', 'remora', '--dry-run=server', '--is-upgrade'];
    const renderSecret = async () => {
      const text = await run('helm', [...render, '--disable-openapi-validation']);
      return parseAllDocuments(text)
        .map((document) => document.toJS())
        .find((object) => object?.kind === 'Secret');
    };
    kube.objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'remora' } });
    const first = await renderSecret();
    kube.objects.create(first);
    expect((await renderSecret()).data).toEqual(first.data);
    kube.objects.remove('secrets', 'remora', 'remora');
    const other = await renderSecret();
    for (const [key, value] of Object.entries(other.data)) expect(value).not.toBe(first.data[key]);
  });
});
