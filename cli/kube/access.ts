/** Rights: which are needed for what is about to be done, and which of them are missing. Asked before anything is made. */

import { type AccessQuestion, type Kube, kindOf, question } from './client.ts';
import { KINDS } from './kinds.ts';
import type { Manifest } from './objects.ts';

/** What a ClusterRole or Role grants; only who has it may grant it. */
interface Rule {
  apiGroups?: string[];
  resources?: string[];
  verbs: string[];
}

/** Asked at a time. */
const PARALLEL = 10;

/** Those of the questions that are answered with no. */
export async function missingRights(
  kube: Kube,
  questions: readonly AccessQuestion[],
  signal?: AbortSignal,
): Promise<AccessQuestion[]> {
  // One answer instead of fifty for those who may do everything.
  const all = await kube.mayI({ verb: '*', group: '*', resource: '*' }, signal);
  if (all.allowed) return [];
  const allowed = new Array<boolean>(questions.length);
  let next = 0;
  const ask = async () => {
    for (let i = next++; i < questions.length; i = next++) {
      allowed[i] = (await kube.mayI(questions[i] as AccessQuestion, signal)).allowed;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, ask));
  return questions.filter((_, i) => !allowed[i]);
}

/** What applying these objects takes, and with `remove` also taking them away again. */
export function rightsToApply(objects: readonly Manifest[], remove: boolean): AccessQuestion[] {
  const verbs = ['create', 'patch', ...(remove ? ['delete'] : [])];
  const questions = objects.flatMap((object) => {
    const kind = kindOf(object);
    const place = KINDS[kind].namespaced ? object.metadata?.namespace : undefined;
    return [
      ...verbs.map((verb) => question(verb, kind, place)),
      ...rightsToGrant(place, (object as { rules?: Rule[] }).rules ?? []),
    ];
  });
  return unique(questions);
}

/** What following the start of pods and reaching the hub takes. */
export function rightsToReach(namespace: string): AccessQuestion[] {
  return [
    question('get', 'Deployment', namespace),
    question('get', 'DaemonSet', namespace),
    question('list', 'Pod', namespace),
    question('get', 'Secret', namespace),
    // A WebSocket is opened with GET, and so the verb is `get`.
    { verb: 'get', resource: 'pods/portforward', namespace },
  ];
}

/** Nobody may grant what they do not have (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping). */
function rightsToGrant(namespace: string | undefined, rules: readonly Rule[]): AccessQuestion[] {
  return rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource, namespace }))),
    ),
  );
}

/** Shorter for people: `create, patch daemonsets.apps, deployments.apps in namespace "remora"`, a line for each kind of place and verbs. */
export function describeRights(questions: readonly AccessQuestion[]): string[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const { verb, group, resource, namespace } of questions) {
    const what = `${group ? `${resource}.${group}` : resource}\n${place(namespace)}`;
    const verbs = verbsOf.get(what) ?? new Set();
    verbsOf.set(what, verbs.add(verb));
  }
  const resourcesOf = new Map<string, string[]>();
  for (const [what, verbs] of verbsOf) {
    const [resource = '', where = ''] = what.split('\n');
    const key = `${[...verbs].join(', ')}\n${where}`;
    resourcesOf.set(key, [...(resourcesOf.get(key) ?? []), resource]);
  }
  return [...resourcesOf].map(([key, resources]) => {
    const [verbs = '', where = ''] = key.split('\n');
    return `${verbs} ${resources.join(', ')} ${where}`;
  });
}

function place(namespace: string | undefined): string {
  return namespace === undefined ? 'in the cluster' : `in namespace "${namespace}"`;
}

function unique(questions: readonly AccessQuestion[]): AccessQuestion[] {
  const byText = new Map(questions.map((each) => [JSON.stringify(each), each]));
  return [...byText.values()];
}
