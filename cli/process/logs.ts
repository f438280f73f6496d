/** Log lines of the programs, made readable: pino's JSON to one line of text, anything else as it is. */

import type { Terminal } from '../output/terminal.ts';

const WARN = 40;

interface LogLine {
  level: number;
  text: string;
}

/** Shows warnings and errors; everything, also lines that are not JSON, with `--verbose`. */
export function showLog(terminal: Terminal, program: string, line: string): void {
  const log = readLog(line);
  const text = `${program}: ${log?.text ?? line}`;
  if (log !== undefined && log.level >= WARN) terminal.warn(text);
  else terminal.detail(text);
}

/** The last lines a program logged: what to show if it ends unexpectedly. */
export class LastLog {
  private static readonly KEPT = 20;
  private readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LastLog.KEPT) this.lines.shift();
  }

  /** The sentence that most likely says why: the last error logged, else an exception's message, else nothing. */
  reason(): string {
    for (const line of this.lines.toReversed()) {
      const log = readLog(line);
      if (log !== undefined && log.level > WARN) return log.text;
    }
    return this.lines.findLast((line) => /^\S*Error\b.*:/.test(line)) ?? '';
  }
}

function readLog(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg, err } = JSON.parse(line) as {
      level?: number;
      msg?: string;
      err?: { message?: string };
    };
    if (typeof level !== 'number') return undefined;
    const cause = err?.message === undefined || err.message === msg ? '' : `: ${err.message}`;
    return { level, text: `${msg ?? ''}${cause}` };
  } catch {
    return undefined;
  }
}
