/** The name that this program was called by. */

import { basename } from 'node:path';

export type ProgramName = 'remora' | 'kubectl remora';

/** kubectl runs a plugin by the name of its file: `kubectl-remora` for `kubectl remora`. */
export function programName(executable = process.argv[1]): ProgramName {
  return /^kubectl-remora(\.|$)/.test(basename(executable ?? '')) ? 'kubectl remora' : 'remora';
}

/** Texts name commands as `remora check`, in backquotes, or after a `$`: said here as they have to be typed. */
export function withName(text: string, name = programName()): string {
  return name === 'remora' ? text : text.replace(/(?<=`|^ *\$ )remora(?= )/gm, name);
}
