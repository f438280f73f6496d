/** What one check found. */

export type Verdict =
  | 'ok'
  /** It works, and something should be known. */
  | 'warning'
  | 'failed'
  /** Could not be looked at, or has no meaning here. */
  | 'skipped';

export interface Finding {
  /** Stable: scripts may test it. Several findings may share one. */
  code: string;
  verdict: Verdict;
  /** A sentence without its end. */
  text: string;
  remedy?: string | undefined;
  /** Failed for want of a right (exit status 3). */
  refused?: boolean;
  /** For programs, beside the text. */
  details?: unknown;
}

export type Findings = AsyncGenerator<Finding, void>;

export function ok(code: string, text: string, details?: unknown): Finding {
  return { code, verdict: 'ok', text, ...(details === undefined ? {} : { details }) };
}

export function warning(code: string, text: string, remedy?: string): Finding {
  return { code, verdict: 'warning', text, remedy };
}

export function failed(code: string, text: string, remedy?: string): Finding {
  return { code, verdict: 'failed', text, remedy };
}

export function skipped(code: string, text: string): Finding {
  return { code, verdict: 'skipped', text };
}

/** Of an error that ended a check; one with exit status 3 is a refusal. */
export function failedBy(code: string, error: unknown): Finding {
  const { message, remedy, exit } = error as Error & { remedy?: string; exit?: number };
  return { code, verdict: 'failed', text: message, remedy, refused: exit === REFUSED };
}

const REFUSED = 3;
