export type FilterErrorCode =
  | 'FILTER_SYNTAX'
  | 'FILTER_TYPE'
  | 'FILTER_FIELD'
  | 'FILTER_FUNCTION'
  | 'FILTER_PATTERN';

/** A filter that cannot be used. `start` and `end` are offsets into its text; the message says what to do. */
export class FilterError extends Error {
  readonly code: FilterErrorCode;
  readonly start: number;
  readonly end: number;
  /** What was probably meant instead of the text from `start` to `end`. */
  readonly suggestion?: string;

  constructor(
    code: FilterErrorCode,
    message: string,
    start: number,
    end: number,
    { suggestion, ...options }: ErrorOptions & { suggestion?: string } = {},
  ) {
    super(message, options);
    this.name = 'FilterError';
    this.code = code;
    this.start = start;
    this.end = end;
    if (suggestion !== undefined) this.suggestion = suggestion;
  }
}
