/**
 * Every setting, once. The flags of `remora tap`, the environment, the settings files, their checks and
 * docs/settings.md all come from this table.
 */

import { stateDirectory } from '../paths.ts';
import { choice, integer, names, path, size, text, toggle, type ValueType } from './values.ts';

export type Output = 'ui' | 'text' | 'json';

export interface Settings {
  output: Output;
  filter: string;
  port: number;
  open: boolean;
  dataDir: string;
  storageLimit: number;
  maxBody: number;
  redactField: readonly string[];
  redactKeep: readonly string[];
  interface: string;
  bpf: string;
  snaplen: number;
  bufferSize: number;
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
  /** Where it has a meaning; a flag given elsewhere is a usage error. */
  readonly only?: 'ui' | 'local';
}

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

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
    only: 'ui',
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
    only: 'ui',
  },
  storageLimit: {
    name: 'storage-limit',
    type: size(16 * MiB, 1024 * 1024 * GiB),
    default: 2 * GiB,
    description: 'how much the data directory may hold; the oldest flows go first',
    only: 'ui',
  },
  maxBody: {
    name: 'max-body',
    type: size(0, 16 * MiB),
    default: 64 * KiB,
    description: 'how much of each body is kept',
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
    only: 'local',
  },
  bufferSize: {
    name: 'buffer-size',
    type: size(MiB, GiB),
    default: 64 * MiB,
    description: "the kernel's capture buffer",
    only: 'local',
  },
};

export type SettingKey = keyof Settings;
export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** `data-dir` → `REMORA_DATA_DIR`. */
export function environmentName(setting: { readonly name: string }): string {
  return `REMORA_${setting.name.toUpperCase().replaceAll('-', '_')}`;
}
