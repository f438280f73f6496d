/** Where a local session's packets are while it runs: files in the data directory, and in memory the key that they are encrypted with. */

import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordPlace } from '../../worker/record/disk.ts';
import { forgetKey, isInMemory } from '../../worker/record/key-file.ts';
import { removeSegmentFiles } from '../../worker/record/segment-files.ts';

/** On Linux in memory, and of all users. */
const SHARED_MEMORY = '/dev/shm';

/** The same for each session with that data directory, which must be there, so that a session finds what one that was killed has left. */
export function packetsPlace(dataDir: string, environment: NodeJS.ProcessEnv): RecordPlace {
  const id = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16);
  const own = environment['XDG_RUNTIME_DIR'];
  const keyDirectory =
    own && isOwn(own) && isInMemory(own)
      ? join(own, `remora-${id}`)
      : join(SHARED_MEMORY, `remora-${process.getuid?.() ?? 0}-${id}`);
  return { directory: join(dataDir, 'packets'), keyDirectory };
}

/** With sudo it may be the one of whoever has typed that. */
function isOwn(directory: string): boolean {
  return statSync(directory, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

/** Removes packets and key, the key first: what cannot be removed is noise then. */
export function forgetPackets({ directory, keyDirectory }: RecordPlace): void {
  if (keyDirectory !== undefined) forgetKey(keyDirectory);
  removeSegmentFiles(directory);
}
