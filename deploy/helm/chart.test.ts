/** The chart, rendered by the real helm, against the manifests of the command line. */

import { type ExecFileOptions, execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { clusterTool, toolsMissing } from '../../test/cluster-tools.ts';
import { createCredentials } from '../credentials.ts';
import { manifests } from '../manifests.ts';
import { type DeployOptions, defaultOptions } from '../options.ts';

const chart = fileURLToPath(new URL('remora', import.meta.url));
const read = (file: string) => readFileSync(join(chart, file), 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: what is looked at is JSON of many shapes
type Json = any;

const run = promisify(execFile);
const credentials = await createCredentials('watch');

/** Values and options that say the same. */
const SAME: [string, Json, (options: DeployOptions) => void][] = [
  ['the default', {}, () => {}],
  [
    'other images',
    {
      image: {
        registry: 'mirror.example:5000/team',
        repositoryHub: 'remora-h',
        repositoryWorker: 'remora-w',
        tag: '9',
        pullPolicy: 'Never',
        pullSecrets: ['one', 'two'],
      },
    },
    ({ image }) => {
      image.registry = 'mirror.example:5000/team';
      image.repositoryHub = 'remora-h';
      image.repositoryWorker = 'remora-w';
      image.tag = '9';
      image.pullPolicy = 'Never';
      image.pullSecrets = ['one', 'two'];
    },
  ],
  [
    'targets with all that has a meaning in YAML, JSON or templates',
    {
      targets: {
        pods: '(catalo.*|front-end.*)<&>"\\d\'{{ }}',
        namespaces: ['sock-shop', '1'],
        excludeNamespaces: ['kube-system'],
        selector: 'app in (a,b),!canary',
        refs: ['deploy/checkout', 'shop/svc/cart'],
      },
    },
    (options) => {
      options.targets = {
        pods: '(catalo.*|front-end.*)<&>"\\d\'{{ }}',
        namespaces: ['sock-shop', '1'],
        excludeNamespaces: ['kube-system'],
        selector: 'app in (a,b),!canary',
        refs: ['deploy/checkout', 'shop/svc/cart'],
      };
    },
  ],
  [
    'namespaces only, raw export',
    { namespaceOnly: ['watch', 'billing'], allowRawExport: true },
    (options) => {
      options.allowRawExport = true;
      options.namespaceOnly = ['watch', 'billing'];
    },
  ],
  [
    'a volume claim, known nodes, other resources',
    {
      hub: {
        storageLimit: '3500Mi',
        volumeClaim: { size: '10Gi', storageClass: 'fast' },
        nodeCidrs: ['10.0.0.0/8', 'fd00::/8'],
        resources: { requests: { cpu: '1m', memory: '2Mi' }, limits: { cpu: '7', memory: '3Gi' } },
      },
    },
    ({ hub }) => {
      hub.storageLimit = 3500 * 2 ** 20;
      hub.volumeClaim = { size: '10Gi', storageClass: 'fast' };
      hub.nodeCidrs = ['10.0.0.0/8', 'fd00::/8'];
      hub.resources = { requests: { cpu: '1m', memory: '2Mi' }, limits: { cpu: '7', memory: '3Gi' } };
    },
  ],
  [
    'any address',
    { hub: { nodeCidrs: ['any'] } },
    ({ hub }) => {
      hub.nodeCidrs = [];
    },
  ],
  [
    'a claim of the default class, sizes as numbers, a limit past 32 bits',
    {
      hub: { storageLimit: 5_000_000_001, volumeClaim: { size: '8Gi' } },
      worker: { snaplen: 1500, bufferSize: 16777216, maxBody: 0 },
    },
    ({ hub, worker }) => {
      hub.storageLimit = 5_000_000_001;
      hub.volumeClaim = { size: '8Gi', storageClass: undefined };
      worker.snaplen = 1500;
      worker.bufferSize = 16777216;
      worker.maxBody = 0;
    },
  ],
  [
    'emptyDirs of odd sizes, other fields to redact',
    {
      hub: { storageLimit: 1_000_000_007 },
      worker: {
        redactField: ['iban2', 'a b: "c"'],
        redactKeep: ['zip', 'no'],
        recordLimit: 1_000_000_007,
      },
    },
    ({ hub, worker }) => {
      hub.storageLimit = 1_000_000_007;
      worker.redactField = ['iban2', 'a b: "c"'];
      worker.redactKeep = ['zip', 'no'];
      worker.recordLimit = 1_000_000_007;
    },
  ],
  [
    'packets in memory',
    { worker: { recordOn: 'memory' } },
    ({ worker }) => {
      worker.recordOn = 'memory';
      worker.recordLimit = 128 * 2 ** 20;
    },
  ],
  [
    'no packets',
    { worker: { recordLimit: 0 } },
    ({ worker }) => {
      worker.recordLimit = 0;
    },
  ],
];

test('values, schema and readme tell of the same values', () => {
  const values = paths(parse(read('values.yaml')));
  const schema = paths(parse(read('values.schema.json')).properties, 'properties');
  const readme = [...read('README.md').matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]);
  expect(readme.toSorted()).toEqual(values.toSorted());
  expect(schema.filter((path) => path !== 'global').toSorted()).toEqual(values.toSorted());
});

/** `hub.storageLimit` and so on. Resources are one value: what is inside is Kubernetes'. */
function paths(tree: Json, inside?: string): string[] {
  return Object.entries<Json>(tree).flatMap(([name, value]) => {
    const below = inside === undefined ? value : value[inside];
    const leaf = typeof below !== 'object' || Array.isArray(below) || name === 'resources';
    return leaf ? [name] : paths(below, inside).map((path) => `${name}.${path}`);
  });
}

test('the chart has the release of Remora', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version });
});

describe.skipIf(toolsMissing !== undefined)(`rendered by helm${because(toolsMissing)}`, () => {
  let helm: string;
  let directory: string;

  beforeAll(async () => {
    helm = await clusterTool('helm');
    directory = await mkdtemp(join(tmpdir(), 'remora-chart-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function callHelm(args: string[], values: Json): Promise<string> {
    const file = join(directory, 'values.yaml');
    // Helm reads YAML 1.1.
    await writeFile(file, stringify(values, { version: '1.1' }));
    // No kubeconfig and no settings of whoever runs the test.
    const env = { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: join(directory, 'none') };
    const options: ExecFileOptions = { env, maxBuffer: 16 * 2 ** 20 };
    return (await run(helm, [...args, chart, '--values', file], options)).stdout.toString();
  }

  async function render(values: Json, namespace = 'watch'): Promise<Json[]> {
    const text = await callHelm(['template', 'any-release', '--namespace', namespace], values);
    return parseAllDocuments(text)
      .map((document) => document.toJS())
      .filter((object) => object !== null);
  }

  test.each(SAME)('the objects are those of the command line: %s', async (_, values, change) => {
    const options = { ...defaultOptions(), namespace: 'watch', createNamespace: false, credentials };
    change(options);
    const expected = manifests(options).map(madeByHelm);
    const rendered = await render({ ...values, credentials });
    expect(rendered.map(name).toSorted()).toEqual(expected.map(name).toSorted());
    const byName = new Map(rendered.map((object) => [name(object), object]));
    for (const object of expected) expect(byName.get(name(object))).toEqual(object);
  });

  test('on Cilium too', async () => {
    const nodeCidrs = ['10.0.0.0/8'];
    const options = { ...defaultOptions(), namespace: 'watch', createNamespace: false, credentials };
    options.hub = { ...options.hub, nodeCidrs, cilium: true };
    const text = await callHelm(
      [
        'template',
        'any-release',
        '--namespace',
        'watch',
        '--api-versions',
        'cilium.io/v2/CiliumNetworkPolicy',
      ],
      { hub: { nodeCidrs }, credentials },
    );
    const rendered = parseAllDocuments(text).map((document) => document.toJS());
    const policies = (objects: Json[]) =>
      objects
        .filter((object) => object?.kind.endsWith('NetworkPolicy'))
        .toSorted((a, b) => a.kind.localeCompare(b.kind));
    expect(policies(rendered)).toEqual(policies(manifests(options).map(madeByHelm)));
    expect(policies(rendered)).toHaveLength(2);
  });

  test('helm finds nothing to complain of', async () => {
    expect(await callHelm(['lint', '--strict'], {})).toContain('0 chart(s) failed');
  });

  test('credentials that are not given are made, fit each other, and pods are replaced for them', async () => {
    const rendered = await render({});
    const { data } = rendered.find(({ kind }) => kind === 'Secret');
    const made = (key: string) => Buffer.from(data[key], 'base64').toString();
    const certificate = new X509Certificate(made('tls.crt'));
    const authority = new X509Certificate(made('ca.crt'));
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe(
      'DNS:remora-hub, DNS:remora-hub.watch, DNS:remora-hub.watch.svc, DNS:remora-hub.watch.svc.cluster.local, DNS:localhost',
    );
    expect(made('tls.key')).toContain('PRIVATE KEY');
    for (const token of [made('token'), made('worker-token')]) expect(token).toMatch(/^[A-Za-z0-9]{43}$/);
    expect(made('token')).not.toBe(made('worker-token'));

    const checksums = (kind: string) =>
      rendered.find((object) => object.kind === kind).spec.template.metadata.annotations[
        'checksum/credentials'
      ];
    const checksum = (...keys: string[]) =>
      createHash('sha256').update(keys.map(made).join('\n')).digest('hex');
    expect(checksums('DaemonSet')).toBe(checksum('ca.crt', 'worker-token'));
    expect(checksums('Deployment')).toBe(checksum('ca.crt', 'tls.crt', 'tls.key', 'token', 'worker-token'));
  });

  test('a Secret of your own takes the place of ours', async () => {
    const rendered = await render({ credentials: { existingSecret: 'mine' } });
    expect(rendered.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(
      JSON.stringify(rendered).match(/"secret(?:KeyRef|Name)":(?:"mine"|\{"name":"mine")/g),
    ).toHaveLength(5);
  });

  test.each<[string, Json, RegExp]>([
    [
      'some credentials without the others',
      { credentials: { token: 'x'.repeat(20) } },
      /is missing: give all five/,
    ],
    ['a value that does not exist', { hub: { storagelimit: '2Gi' } }, /storagelimit/],
    ['a size with a wrong unit', { hub: { storageLimit: '2GB' } }, /storageLimit/],
    ['a pull policy that does not exist', { image: { pullPolicy: 'Sometimes' } }, /pullPolicy/],
    ['a node that is no range', { hub: { nodeCidrs: ['node1'] } }, /nodeCidrs/],
    ['a namespace that cannot be', { namespaceOnly: ['Shop'] }, /namespaceOnly/],
    ['a namespace twice', { namespaceOnly: ['shop', 'shop'] }, /namespaceOnly/],
  ])('refused: %s', async (_, values, message) => {
    await expect(render(values)).rejects.toThrow(message);
  });

  test('what the chart says after an install names the namespace', async () => {
    const text = await callHelm(['install', 'x', '--namespace', 'watch', '--dry-run=client'], {});
    expect(text).toContain('remora view --remora-namespace watch');
    expect(text).toContain('To let in the nodes alone, give hub.nodeCidrs.');
  });
});

const name = ({ kind, metadata }: Json) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

/** The one difference that is meant. */
function madeByHelm(object: Json): Json {
  const helms = JSON.stringify(object).replaceAll(
    '"app.kubernetes.io/managed-by":"remora"',
    '"app.kubernetes.io/managed-by":"Helm"',
  );
  return JSON.parse(helms);
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : ` (skipped: ${reason})`;
}
