/**
 * Every setting, once. The flags of `remora tap`, the environment, the settings files, their checks and
 * docs/settings.md all come from this table.
 */

import { VERSION } from '../../flow/version.ts';
import { stateDirectory } from '../paths.ts';
import type { ScopeName } from './scope.ts';
import {
  choice,
  cidrs,
  eachName,
  file,
  integer,
  names,
  path,
  quantity,
  size,
  text,
  toggle,
  type ValueType,
} from './values.ts';

export type Output = 'ui' | 'text' | 'json';
export type RecordPlace = 'memory' | 'disk';
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

export interface Settings {
  output: Output;
  filter: string;
  port: number;
  open: boolean;
  dataDir: string;
  storageLimit: number;
  maxBody: number;
  recordLimit: number;
  recordOn: RecordPlace;
  redactField: readonly string[];
  redactKeep: readonly string[];
  allowRawExport: boolean;
  interface: string;
  bpf: string;
  snaplen: number;
  bufferSize: number;
  kubeconfig: string;
  context: string;
  namespace: readonly string[];
  allNamespaces: boolean;
  excludeNamespace: readonly string[];
  selector: string;
  remoraNamespace: string;
  namespaceOnly: boolean;
  nodeCidr: readonly string[];
  keep: boolean;
  timeout: number;
  imageRegistry: string;
  imageTag: string;
  imagePullPolicy: PullPolicy;
  imagePullSecret: readonly string[];
  volumeSize: string;
  storageClass: string;
}

export interface Setting<T> {
  /** In files as it is, as a flag after `--`, in the environment as REMORA_ and capitals. */
  readonly name: string;
  readonly short?: string;
  readonly type: ValueType<T>;
  readonly default: T;
  /** How the reference shows a default that depends on the machine. */
  readonly defaultText?: string;
  readonly description: string;
  /** Everywhere, if not given. */
  readonly only?: ScopeName;
}

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Room for packets, by place: a disk has more of it. */
export const RECORD_LIMITS: Readonly<Record<RecordPlace, number>> = { disk: 512 * MiB, memory: 128 * MiB };

export const SETTINGS: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  output: {
    name: 'output',
    short: 'o',
    type: choice<Output>('ui', 'text', 'json'),
    default: 'ui',
    description: 'a page in the browser, a line a flow, or NDJSON',
  },
  filter: {
    name: 'filter',
    short: 'f',
    type: { ...text, placeholder: 'EXPR' },
    default: '',
    description:
      "only flows that match this CEL expression, e.g. 'status_code >= 500' (fields: docs/fields.md)",
  },
  port: {
    name: 'port',
    short: 'p',
    type: integer('PORT', 0, 65535),
    default: 8899,
    description: 'port of the page on 127.0.0.1 (0: any free one)',
    only: 'page',
  },
  open: {
    name: 'open',
    type: toggle,
    default: true,
    description: 'open the page in the browser',
  },
  dataDir: {
    name: 'data-dir',
    type: path,
    default: stateDirectory(),
    defaultText: '~/.local/state/remora, or $XDG_STATE_HOME/remora; with --pcap a temporary one',
    description: 'where flows are kept',
    only: 'disk',
  },
  storageLimit: {
    name: 'storage-limit',
    type: size(16 * MiB, 1024 * 1024 * GiB),
    default: 2 * GiB,
    description: 'how much the data directory may hold; the oldest flows go first',
    only: 'store',
  },
  maxBody: {
    name: 'max-body',
    type: size(0, 16 * MiB),
    default: 64 * KiB,
    description: 'how much of each body is kept',
  },
  recordLimit: {
    name: 'record-limit',
    type: size(0, 16 * GiB),
    default: RECORD_LIMITS.disk,
    defaultText: '512Mi on a disk, 128Mi in memory',
    description: 'room of each worker for packets that can be downloaded; 0: none are kept',
    only: 'store',
  },
  recordOn: {
    name: 'record-on',
    type: choice<RecordPlace>('memory', 'disk'),
    default: 'disk',
    description:
      "where packets are kept: encrypted in the data directory or on the node's disk, where they outlive a worker that is started again, or in memory",
    only: 'capture',
  },
  redactField: {
    name: 'redact-field',
    type: names,
    default: [],
    description: 'redact these fields too',
  },
  redactKeep: {
    name: 'redact-keep',
    type: names,
    default: [],
    description: 'do not redact these fields by their name',
  },
  allowRawExport: {
    name: 'allow-raw-export',
    type: toggle,
    default: false,
    description:
      'let packets be exported with the secrets in them (`remora export --raw`); each time is written to audit.log in the data directory',
    only: 'store',
  },
  interface: {
    name: 'interface',
    type: { ...text, placeholder: 'NAME' },
    default: 'any',
    description: 'network interface to capture on',
    only: 'local',
  },
  bpf: {
    name: 'bpf',
    type: { ...text, placeholder: 'EXPR' },
    default: '',
    defaultText: 'all TCP',
    description: "capture only packets that match, in tcpdump's language, e.g. 'tcp port 8080'",
    only: 'local',
  },
  snaplen: {
    name: 'snaplen',
    type: size(256, 256 * KiB),
    default: 256 * KiB,
    description: 'how much of each packet is captured',
    only: 'capture',
  },
  bufferSize: {
    name: 'buffer-size',
    type: size(MiB, GiB),
    default: 64 * MiB,
    description: "the kernel's capture buffer",
    only: 'capture',
  },
  kubeconfig: {
    name: 'kubeconfig',
    type: file,
    default: '',
    defaultText: '$KUBECONFIG, or ~/.kube/config',
    description: 'kubeconfig file',
    only: 'cluster',
  },
  context: {
    name: 'context',
    type: { ...text, placeholder: 'NAME' },
    default: '',
    defaultText: 'the current one',
    description: 'context of the kubeconfig',
    only: 'cluster',
  },
  namespace: {
    name: 'namespace',
    short: 'n',
    type: eachName('NAMESPACE'),
    default: [],
    defaultText: "the context's",
    description: 'tap the pods of this namespace (may be repeated)',
    only: 'cluster',
  },
  allNamespaces: {
    name: 'all-namespaces',
    short: 'A',
    type: toggle,
    default: false,
    description: 'tap the pods of all namespaces',
    only: 'cluster',
  },
  excludeNamespace: {
    name: 'exclude-namespace',
    type: eachName('NAMESPACE'),
    default: [],
    description: 'leave out the pods of this namespace (may be repeated)',
    only: 'cluster',
  },
  selector: {
    name: 'selector',
    short: 'l',
    type: { ...text, placeholder: 'SELECTOR' },
    default: '',
    description: 'tap the pods with these labels, e.g. app=web,tier!=cache',
    only: 'cluster',
  },
  remoraNamespace: {
    name: 'remora-namespace',
    type: { ...text, placeholder: 'NAMESPACE' },
    default: '',
    defaultText: 'remora; without rights on the cluster, the first namespace tapped',
    description: 'where Remora itself runs',
    only: 'cluster',
  },
  namespaceOnly: {
    name: 'namespace-only',
    type: toggle,
    default: false,
    description: 'use no rights beyond the namespaces tapped, also where you have them',
    only: 'cluster',
  },
  nodeCidr: {
    name: 'node-cidr',
    type: cidrs,
    default: [],
    defaultText: 'those of the nodes there are',
    description:
      'let in workers from these addresses to the hub, and nobody else; any: from everywhere (may be repeated)',
    only: 'cluster',
  },
  keep: {
    name: 'keep',
    type: toggle,
    default: false,
    description: 'leave it running in the cluster at the end; `remora view` comes back to it',
    only: 'cluster',
  },
  timeout: {
    name: 'timeout',
    type: integer('SECONDS', 1, 3600),
    default: 180,
    description: 'how long the hub and the workers may take to start',
    only: 'cluster',
  },
  imageRegistry: {
    name: 'image-registry',
    type: { ...text, placeholder: 'HOST/PATH' },
    default: 'ghcr.io/remora-dev',
    description: 'where the images of the hub and the workers are pulled from',
    only: 'cluster',
  },
  imageTag: {
    name: 'image-tag',
    type: { ...text, placeholder: 'TAG' },
    default: VERSION,
    defaultText: 'the version of this program',
    description: 'their tag',
    only: 'cluster',
  },
  imagePullPolicy: {
    name: 'image-pull-policy',
    type: choice<PullPolicy>('Always', 'IfNotPresent', 'Never'),
    default: 'IfNotPresent',
    description: 'when nodes pull them',
    only: 'cluster',
  },
  imagePullSecret: {
    name: 'image-pull-secret',
    type: eachName('SECRET'),
    default: [],
    description: "a Secret in Remora's namespace to pull them with (may be repeated)",
    only: 'cluster',
  },
  volumeSize: {
    name: 'volume-size',
    type: quantity,
    default: '',
    defaultText: 'no volume: flows end with the pod',
    description: "keep the hub's flows on a persistent volume of this size, e.g. 10Gi",
    only: 'cluster',
  },
  storageClass: {
    name: 'storage-class',
    type: { ...text, placeholder: 'NAME' },
    default: '',
    defaultText: "the cluster's",
    description: 'storage class of that volume',
    only: 'cluster',
  },
};

export type SettingKey = keyof Settings;
export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** `data-dir` → `REMORA_DATA_DIR`. */
export function environmentName(setting: { readonly name: string }): string {
  return `REMORA_${setting.name.toUpperCase().replaceAll('-', '_')}`;
}
