/** The shapes of flow/targets.ts and of the answers about them as JSON Schema (see schema/flow.ts). */
import Type from 'typebox';
import type { TargetPod } from '../../../flow/api.ts';
import type { TargetSpec } from '../../../flow/targets.ts';
import { integer, ref, text } from './build.ts';

const list = (description: string) => Type.Array(Type.String(), { default: [], description });

export const TargetSpecSchema = Type.Object(
  {
    pods: Type.String({
      default: '',
      description: "RE2 regular expression, matched anywhere in the pod's name, or a shell-like glob.",
    }),
    namespaces: list('Namespaces; none: all.'),
    excludeNamespaces: list('Namespaces that are left out.'),
    selector: Type.String({
      default: '',
      description: 'A Kubernetes label selector: app=web,tier in (front,back).',
    }),
    refs: list('KIND/NAME or NAMESPACE/KIND/NAME: deploy/checkout. A pod of any of them is tapped.'),
  },
  {
    $id: 'TargetSpec',
    additionalProperties: false,
    description: 'Which pods are tapped. What is empty does not narrow; what is not must all hold.',
  },
);

export const TargetPodSchema = Type.Object(
  {
    namespace: text('Of the pod.'),
    name: text('Of the pod.'),
    node: text("'' until it has one."),
    ips: Type.Array(Type.String(), { description: 'None until it has one.' }),
    workload: text('What runs it: the name of a Deployment, StatefulSet, ….'),
  },
  { $id: 'TargetPod' },
);

export const TargetReportSchema = Type.Object(
  {
    spec: ref<TargetSpec>('TargetSpec'),
    pods: Type.Array(ref<TargetPod>('TargetPod'), { description: 'By name, at most 1000.' }),
    count: integer('How many pods are tapped.'),
    hints: Type.Array(Type.String(), {
      description: 'What was understood otherwise than it was written, and what cannot be seen.',
    }),
  },
  { $id: 'TargetReport', description: 'Which pods are tapped at the moment.' },
);
