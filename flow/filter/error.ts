/** A filter that cannot be used. `start` and `end` are offsets into its text; the message says what to do. */
export class FilterError extends Error {
  readonly code: 'FILTER_SYNTAX' | 'FILTER_TYPE' | 'FILTER_FIELD' | 'FILTER_PATTERN';
  readonly start: number;
  readonly end: number;

  constructor(
    code: FilterError['code'],
    message: string,
    start: number,
    end: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'FilterError';
    this.code = code;
    this.start = start;
    this.end = end;
  }
}
