/** `remora check`: is everything there that a tap needs, and is what runs well? */

import type { ExitStatus } from '../errors.ts';
import { colorsFor, Terminal } from '../output/terminal.ts';
import { withName } from '../program-name.ts';
import { currentSettings } from '../settings/resolve.ts';
import type { SettingKey } from '../settings/table.ts';
import { checkCluster } from './cluster.ts';
import type { Finding } from './finding.ts';
import { checkLocal } from './local.ts';
import { exitStatus, formatFinding, formatJson, formatSummary } from './report.ts';

export interface CheckFlags {
  local?: boolean;
  output: 'text' | 'json';
  verbose?: boolean;
}

/** Prints each finding as soon as it is there. Throws usage errors. */
export async function check(
  flags: CheckFlags,
  given: Partial<Record<SettingKey, unknown>>,
): Promise<ExitStatus> {
  const resolved = currentSettings(given);
  const terminal = new Terminal(process.stderr, process.env, flags.verbose === true);
  const colors = colorsFor(process.stdout, process.env);
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined;
  const findings: Finding[] = [];
  const say = (text: string) => process.stdout.write(withName(text));
  for await (const finding of flags.local ? checkLocal(resolved.values) : checkCluster(resolved, terminal)) {
    findings.push(finding);
    if (flags.output === 'text') say(formatFinding(finding, colors, columns));
  }
  say(flags.output === 'json' ? formatJson(findings) : `\n${formatSummary(findings)}`);
  return exitStatus(findings);
}
