/** Log lines of the programs, made readable: pino's JSON to one line of text, anything else as it is. */

import type { Terminal } from '../output/terminal.ts';

const WARN = 40;
const FATAL = 60;

interface LogLine {
  level: number;
  text: string;
  /** What to do about it, where the program knows. */
  remedy?: string | undefined;
}

/**
 * Shows warnings and errors; everything, also lines that are not JSON, with `--verbose`. What a program dies of is
 * told when it has died.
 */
export function showLog(terminal: Terminal, program: string, line: string): void {
  const log = readLog(line);
  const text = `${program}: ${log?.text ?? line}`;
  if (log !== undefined && log.level >= WARN && log.level < FATAL) terminal.warn(text);
  else terminal.detail(text);
}

/** A line for people: of pino's JSON the message, anything else as it is. */
export function readableLine(line: string): string {
  return readLog(line)?.text ?? line;
}

export interface Reason {
  text: string;
  remedy?: string | undefined;
  /** The program itself said that it ends for this. */
  certain: boolean;
}

/** The last lines a program logged: what to show if it ends unexpectedly. */
export class LastLog {
  private static readonly KEPT = 20;
  private readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LastLog.KEPT) this.lines.shift();
  }

  /** What most likely says why it ended: the last error logged, else an exception's message. */
  reason(): Reason | undefined {
    for (const line of this.lines.toReversed()) {
      const log = readLog(line);
      if (log !== undefined && log.level > WARN) {
        return { text: log.text, remedy: log.remedy, certain: log.level >= FATAL };
      }
    }
    const exception = this.lines.findLast((line) => /^\S*Error\b.*:/.test(line));
    return exception === undefined ? undefined : { text: exception, certain: false };
  }
}

interface PinoLine {
  level?: number;
  msg?: string;
  err?: { message?: string };
  remedy?: string;
}

function readLog(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg, err, remedy } = JSON.parse(line) as PinoLine;
    if (typeof level !== 'number') return undefined;
    const cause = err?.message === undefined || err.message === msg ? '' : `: ${err.message}`;
    return { level, text: `${msg ?? ''}${cause}`, remedy };
  } catch {
    return undefined;
  }
}
