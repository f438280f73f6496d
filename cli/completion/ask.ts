/** Asks a cluster for completion: what is known already, or what can be found out in time. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { programFile } from '../paths.ts';
import { currentSettings } from '../settings/resolve.ts';
import type { LookupPlace } from './lookup.ts';
import { recall } from './memory.ts';
import type { Ask } from './values.ts';

/** Within this time nothing new is asked: one word is often completed with several Tabs. */
const FRESH_MS = 10_000;

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
    await lookUpInTime([question, directory], deadline);
    return recall(directory, question)?.candidates ?? [];
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

/** Resolves when the lookup has ended, or at the deadline; the lookup then goes on by itself. */
function lookUpInTime(args: string[], deadline: number): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, programFile('cli/completion/lookup-main'), ...args],
      {
        stdio: 'ignore',
        detached: true,
      },
    );
    child.unref();
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
    setTimeout(resolve, Math.max(0, deadline - performance.now()));
  });
}
