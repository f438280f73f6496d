/** Asks a cluster for completion: what is known already, or what can be found out in time. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import envPaths from 'env-paths';
import { programFile } from '../paths.ts';
import { currentSettings } from '../settings/resolve.ts';
import { LOOKUP_LIMIT_MS, type LookupPlace } from './lookup.ts';
import { beginLookup, recall } from './memory.ts';
import type { Ask } from './values.ts';

/** Within this time nothing new is asked: one word is often completed with several Tabs. */
const FRESH_MS = 10_000;
const POLL_MS = 20;

/** Answers at `deadline` (of `performance.now()`) at the latest, with what is remembered from before if it must. */
export function createAsk(deadline: number): Ask {
  const directory = join(envPaths('remora', { suffix: '' }).cache, 'completion');
  return async (place, lookup) => {
    const question = JSON.stringify({
      place: withSettings(place),
      lookup,
      kubeconfig: process.env['KUBECONFIG'],
    });
    const known = recall(directory, question);
    if (known !== undefined && known.age < FRESH_MS) return known.candidates;
    // Another Tab may have asked already: one lookup at a time is enough.
    if (beginLookup(directory, question, LOOKUP_LIMIT_MS)) startLookup([question, directory]);
    for (;;) {
      const found = recall(directory, question);
      if (found !== undefined && found.age < FRESH_MS) return found.candidates;
      if (performance.now() > deadline) return known?.candidates ?? [];
      await sleep(POLL_MS);
    }
  };
}

/** What the command line does not say may stand in the environment or in a file. */
function withSettings(place: LookupPlace): LookupPlace {
  try {
    const { values, layers } = currentSettings({});
    return {
      kubeconfig: place.kubeconfig ?? (values.kubeconfig || undefined),
      context: place.context ?? (values.context || undefined),
      namespaces: place.namespaces ?? (layers.namespace === 'default' ? undefined : [...values.namespace]),
      allNamespaces: place.allNamespaces || (place.namespaces === undefined && values.allNamespaces),
    };
  } catch {
    // A wrong settings file is told by the command itself.
    return place;
  }
}

/** It ends by itself, and is not waited for by the end of this process. */
function startLookup(args: string[]): void {
  const program = programFile('cli/completion/lookup-main');
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: 'ignore',
    detached: true,
  });
  // Without it there is no answer in time, and that is all.
  child.on('error', () => {});
  child.unref();
}
