export type RedactErrorCode = 'REDACT_FIELD' | 'REDACT_KEEP';

/** A redaction policy that cannot be made. The message says how to mend it. */
export class RedactError extends Error {
  override readonly name = 'RedactError';
  readonly code: RedactErrorCode;

  constructor(code: RedactErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
