/** Who put Remora into a cluster, when and for how long: annotations of the hub's Deployment. */

import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { ObjectMeta } from '../kube/objects.ts';

export interface Mark {
  /** `ana@laptop` */
  by: string;
  /** RFC 3339. */
  since: string;
  /** Of the tap that made it, on `by`'s machine. */
  pid: number;
  /** Different for each tap and install. */
  session: string;
  /** It stays when whoever made it goes: `install`, `tap --keep`. */
  kept: boolean;
}

const PREFIX = 'remora.dev/';

export function newMark(kept: boolean): Mark {
  return { by: whoAmI(), since: new Date().toISOString(), pid: process.pid, session: randomUUID(), kept };
}

export function toAnnotations({ by, since, pid, session, kept }: Mark): Record<string, string> {
  return {
    [`${PREFIX}started-by`]: by,
    [`${PREFIX}started-at`]: since,
    [`${PREFIX}pid`]: String(pid),
    [`${PREFIX}session`]: session,
    [`${PREFIX}kept`]: String(kept),
  };
}

/** undefined: it was put there by other means, such as Helm or kubectl. */
export function readMark({ annotations = {} }: ObjectMeta): Mark | undefined {
  const read = (name: string) => annotations[PREFIX + name] ?? '';
  const session = read('session');
  if (session === '') return undefined;
  return {
    by: read('started-by'),
    since: read('started-at'),
    pid: Number(read('pid')),
    session,
    kept: read('kept') === 'true',
  };
}

/** This user's tap on this machine, whose process has ended: nobody else will clean up after it. */
export function isLeftover(mark: Mark, me = whoAmI()): boolean {
  return !mark.kept && mark.by === me && !isRunning(mark.pid);
}

export function whoAmI(): string {
  return `${userName()}@${hostname()}`;
}

/** A user without an entry in the list of users (in a container) has a number alone. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
