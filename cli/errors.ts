/** Exit statuses: a contract with scripts (docs/settings.md lists them). */
export const Exit = { done: 0, failed: 1, usage: 2, refused: 3, interrupted: 130 } as const;
export type ExitStatus = (typeof Exit)[keyof typeof Exit];

export interface CliErrorOptions {
  /** What the person can do about it: a sentence, or the exact command. */
  remedy?: string | undefined;
  exit?: ExitStatus;
  cause?: unknown;
}

/** Whatever ends a command early: one line that says what, and how to mend it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly remedy: string | undefined;
  readonly exit: ExitStatus;

  constructor(code: string, message: string, options: CliErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.exit = options.exit ?? Exit.failed;
  }
}

/** The command line, the environment or a settings file is wrong: exit status 2. */
export function usageError(message: string, remedy?: string): CliError {
  return new CliError('USAGE', message, { remedy, exit: Exit.usage });
}

/** The one line for a person; `remedy` of errors from other folders is used where they have one. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const remedy = (error as { remedy?: unknown }).remedy;
  return typeof remedy === 'string' && remedy !== '' ? `${sentence(error.message)} ${remedy}` : error.message;
}

/** For `--verbose`: the stack of an error and of all it was caused by. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const own = error.stack ?? String(error);
  return error.cause === undefined
    ? own
    : `${own}\ncaused by: ${explainError(error.cause) || String(error.cause)}`;
}

function sentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}
