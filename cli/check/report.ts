/** Findings for people, a line each, and for programs. */

import { Exit, type ExitStatus } from '../errors.ts';
import type { Colors } from '../output/terminal.ts';
import { visibleLine } from '../output/visible.ts';
import type { Finding, Verdict } from './finding.ts';

const SIGNS: Record<Verdict, string> = { ok: '✓', warning: '!', failed: '✗', skipped: '–' };

function colorOf(colors: Colors, verdict: Verdict): (text: string) => string {
  const { green, yellow, red, dim } = colors;
  return { ok: green, warning: yellow, failed: red, skipped: dim }[verdict];
}

/** With its line end. On a terminal of `columns` the line goes on below its text; undefined: one line, however long. */
export function formatFinding(finding: Finding, colors: Colors, columns: number | undefined): string {
  const { verdict, text, remedy } = finding;
  const color = colorOf(colors, verdict);
  const whole = visibleLine(remedy ? `${/[.!?:]$/.test(text) ? text : `${text}.`} ${remedy}` : text);
  const lines = columns === undefined ? [whole] : wrapped(whole, Math.max(20, columns - 3));
  const [first = '', ...rest] = verdict === 'skipped' ? lines.map(colors.dim) : lines;
  return `${[`${color(SIGNS[verdict])} ${first}`, ...rest.map((line) => `  ${line}`)].join('\n')}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** `All is well.`, or how much is not. */
export function formatSummary(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const failures = count('failed');
  const warnings = count('warning');
  if (failures + warnings === 0) return 'All is well.\n';
  const parts = [
    ...(failures === 0 ? [] : [failures === 1 ? '1 check failed' : `${failures} checks failed`]),
    ...(warnings === 0 ? [] : [warnings === 1 ? '1 warning' : `${warnings} warnings`]),
  ];
  return `${parts.join(', ')}.\n`;
}

/** Refused where rights are all that is missing. */
export function exitStatus(findings: readonly Finding[]): ExitStatus {
  const failures = findings.filter(({ verdict }) => verdict === 'failed');
  if (failures.length === 0) return Exit.done;
  return failures.every(({ refused }) => refused) ? Exit.refused : Exit.failed;
}

export function formatJson(findings: readonly Finding[]): string {
  const status = { [Exit.done]: 'ok', [Exit.failed]: 'failed', [Exit.refused]: 'refused' }[
    exitStatus(findings) as number
  ];
  return `${JSON.stringify({ status, findings }, undefined, 2)}\n`;
}
