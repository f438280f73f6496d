/** The page that lies on top of an archive of logs. */

import { VERSION } from '../../flow/version.ts';
import type { Archive } from './archive.ts';

export interface Origin {
  archive: Archive;
  namespace: string;
  context: string;
  /** RFC 3339. */
  time: string;
}

export function readme({ archive, namespace, context, time }: Origin): string {
  const missing = archive.missing.length === 0 ? ['nothing'] : archive.missing;
  return `Logs of Remora in namespace ${namespace} of context ${context}
Taken ${time} by remora ${VERSION} with \`remora logs\`.

What is in it
  versions.txt, check.txt    what runs there, and what \`remora check\` says of it
  hub/                       the hub's own report: health, counters, limits, targets
  logs/POD/CONTAINER.log     what hub and workers log; .previous.log: before their last restart
  events.txt                 what the cluster says of them
  objects/                   all Kubernetes objects that Remora is made of

What is not in it
  Captured traffic: not one request, not one packet. Logs of other containers in the same pods.
  Values of Secrets and of environment variables that are not Remora's own.
  What looks like a token, a key or a password was taken out of all texts ([REDACTED]).
  Names of your nodes, namespaces and pods are in it: look through it before you give it away.

What is missing
${missing.map((what) => `  ${what}`).join('\n')}
`;
}
