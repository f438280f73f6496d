/** Pod Security admission: the labels of a namespace decide what its pods may ask for. */

import type { ObjectStore } from '../objects/store.ts';
import type { Resource } from '../resources.ts';
import { forbidden } from '../status.ts';
import { asList, asRecord, asStrings, type Json, type KubeObject } from '../types.ts';

type Level = 'privileged' | 'baseline' | 'restricted';

const BASELINE_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Refuses a pod (403); of what makes pods, only warns. Returns the warnings. */
export function podSecurity(store: ObjectStore, resource: Resource, object: KubeObject): string[] {
  const namespace = store.get('namespaces', '', object.metadata.namespace ?? '');
  const labels = namespace?.metadata.labels ?? {};
  const level = (mode: string) => (labels[`pod-security.kubernetes.io/${mode}`] ?? 'privileged') as Level;
  if (object.kind === 'Pod') {
    const violations = violationsOf(asRecord(object['spec']), level('enforce'));
    if (violations.length === 0) return [];
    const why = `violates PodSecurity "${level('enforce')}:latest": ${violations.join(', ')}`;
    throw forbidden(resource, object.metadata.name, why);
  }
  const template = asRecord(asRecord(object['spec'])['template']);
  if (template['spec'] === undefined) return [];
  const violations = violationsOf(asRecord(template['spec']), level('warn'));
  return violations.length === 0
    ? []
    : [`would violate PodSecurity "${level('warn')}:latest": ${violations.join(', ')}`];
}

function violationsOf(pod: Json, level: Level): string[] {
  if (level === 'privileged') return [];
  const containers = [...asList(pod['initContainers']), ...asList(pod['containers'])];
  const found = [hostNamespaces(pod), hostPaths(pod), hostPorts(containers), privileged(containers)];
  if (level === 'baseline') found.push(baselineCapabilities(containers));
  else
    found.push(
      escalation(containers),
      restrictedCapabilities(containers),
      nonRoot(pod, containers),
      seccomp(pod, containers),
    );
  return found.filter((violation) => violation !== undefined);
}

function hostNamespaces(pod: Json): string | undefined {
  const used = ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => pod[name] === true);
  return used.length === 0 ? undefined : `host namespaces (${used.map((name) => `${name}=true`).join(', ')})`;
}

function hostPaths(pod: Json): string | undefined {
  const names = asList(pod['volumes']).filter((volume) => volume['hostPath'] !== undefined);
  return names.length === 0 ? undefined : `hostPath volumes (${plural('volume', names)})`;
}

function hostPorts(containers: Json[]): string | undefined {
  const ports = (container: Json) => asList(container['ports']).map(({ hostPort }) => hostPort);
  const some = containers.filter((container) => ports(container).some(Boolean));
  if (some.length === 0) return undefined;
  const numbers = some.flatMap(ports).filter(Boolean);
  return `hostPort (${plural('container', some)} uses hostPort${numbers.length > 1 ? 's' : ''} ${numbers.join(', ')})`;
}

function privileged(containers: Json[]): string | undefined {
  const some = containers.filter((container) => securityOf(container)['privileged'] === true);
  return some.length === 0
    ? undefined
    : `privileged (${plural('container', some)} must not set securityContext.privileged=true)`;
}

function escalation(containers: Json[]): string | undefined {
  const some = containers.filter((container) => securityOf(container)['allowPrivilegeEscalation'] !== false);
  const must = 'must set securityContext.allowPrivilegeEscalation=false';
  return some.length === 0
    ? undefined
    : `allowPrivilegeEscalation != false (${plural('container', some)} ${must})`;
}

function baselineCapabilities(containers: Json[]): string | undefined {
  const some = containers.filter((container) => added(container, BASELINE_CAPABILITIES).length > 0);
  if (some.length === 0) return undefined;
  return `non-default capabilities (${mustNotInclude(some, BASELINE_CAPABILITIES)})`;
}

function restrictedCapabilities(containers: Json[]): string | undefined {
  const undropped = containers.filter(
    (container) => !asStrings(capabilitiesOf(container)['drop']).includes('ALL'),
  );
  const adding = containers.filter((container) => added(container, ['NET_BIND_SERVICE']).length > 0);
  const parts = [
    undropped.length > 0
      ? `${plural('container', undropped)} must set securityContext.capabilities.drop=["ALL"]`
      : '',
    adding.length > 0 ? mustNotInclude(adding, ['NET_BIND_SERVICE']) : '',
  ].filter(Boolean);
  return parts.length === 0 ? undefined : `unrestricted capabilities (${parts.join('; ')})`;
}

function mustNotInclude(containers: Json[], allowed: string[]): string {
  const names = [...new Set(containers.flatMap((container) => added(container, allowed)))].sort();
  const list = names.map((name) => `"${name}"`).join(', ');
  return `${plural('container', containers)} must not include ${list} in securityContext.capabilities.add`;
}

function nonRoot(pod: Json, containers: Json[]): string | undefined {
  const whole = asRecord(pod['securityContext'])['runAsNonRoot'];
  const some = containers.filter((container) => (securityOf(container)['runAsNonRoot'] ?? whole) !== true);
  return some.length === 0
    ? undefined
    : `runAsNonRoot != true (pod or ${plural('container', some)} must set securityContext.runAsNonRoot=true)`;
}

function seccomp(pod: Json, containers: Json[]): string | undefined {
  const typeOf = (security: Json) => asRecord(security['seccompProfile'])['type'];
  const whole = typeOf(asRecord(pod['securityContext']));
  const good = ['RuntimeDefault', 'Localhost'];
  const some = containers.filter(
    (container) => !good.includes(String(typeOf(securityOf(container)) ?? whole)),
  );
  const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return some.length === 0 ? undefined : `seccompProfile (pod or ${plural('container', some)} ${must})`;
}

function securityOf(container: Json): Json {
  return asRecord(container['securityContext']);
}

function capabilitiesOf(container: Json): Json {
  return asRecord(securityOf(container)['capabilities']);
}

function added(container: Json, allowed: string[]): string[] {
  return asStrings(capabilitiesOf(container)['add']).filter((name) => !allowed.includes(name));
}

function plural(what: string, items: Json[]): string {
  const names = items.map(({ name }) => `"${name}"`).join(', ');
  return `${what}${items.length > 1 ? 's' : ''} ${names}`;
}
