/**
 * How members merge in server-side apply, by their names (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy):
 * most maps and structures by member, some lists by a key, everything else as a whole ("atomic").
 */

/** Lists that are maps: the members that make the key of an item. */
const LIST_KEYS: Record<string, string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  secrets: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  podIPs: ['ip'],
};

const SETS = ['finalizers'];

const ATOMIC_MAPS = [
  'selector',
  'nodeSelector',
  'podSelector',
  'namespaceSelector',
  'labelSelector',
  'roleRef',
  'secretKeyRef',
  'configMapKeyRef',
  'fieldRef',
  'resourceFieldRef',
];

export type ListForm = { keys: string[] } | 'set' | 'atomic';

/** `path` is the members from the top to the list, keys of items left out. */
export function listForm(path: readonly string[]): ListForm {
  const name = path.at(-1) ?? '';
  if (SETS.includes(name)) return 'set';
  if (name === 'ports') return portsForm(path);
  const keys = LIST_KEYS[name];
  return keys === undefined ? 'atomic' : { keys };
}

function portsForm(path: readonly string[]): ListForm {
  const above = path.at(-2);
  if (above === 'containers' || above === 'initContainers') return { keys: ['containerPort', 'protocol'] };
  return path.length === 2 && above === 'spec' ? { keys: ['port', 'protocol'] } : 'atomic';
}

export function isAtomicMap(path: readonly string[]): boolean {
  return ATOMIC_MAPS.includes(path.at(-1) ?? '');
}

/** Values of key members that need not be written. */
const KEY_DEFAULTS: Record<string, unknown> = { protocol: 'TCP' };

/** The key of an item: its JSON is the key in FieldsV1. */
export function itemKey(keys: string[], item: Record<string, unknown>): string {
  const pairs = keys.toSorted().map((key) => [key, item[key] ?? KEY_DEFAULTS[key]] as const);
  return JSON.stringify(Object.fromEntries(pairs.filter(([, value]) => value !== undefined)));
}
