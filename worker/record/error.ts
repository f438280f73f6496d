export type RecordKeyErrorCode = 'KEY_NOT_IN_MEMORY' | 'KEY_NOT_PRIVATE' | 'KEY_UNWRITABLE';

/** The key of recorded packets cannot be kept beyond the worker's process. */
export class RecordKeyError extends Error {
  override readonly name = 'RecordKeyError';
  readonly code: RecordKeyErrorCode;

  constructor(code: RecordKeyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
