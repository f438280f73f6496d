import type { TargetSpec } from '../targets.ts';

/** A target spec that cannot be used: the field, and the place in its text ([start, end) of the entry `index` where it is a list). */
export class TargetError extends Error {
  override name = 'TargetError';
  readonly code = 'TARGET_INVALID';
  readonly field: keyof TargetSpec;
  readonly start: number;
  readonly end: number;
  /** Which entry of a list; 0 for a text. */
  readonly index: number;

  constructor(
    field: keyof TargetSpec,
    message: string,
    start: number,
    end: number,
    { index = 0, cause }: { index?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.field = field;
    this.start = start;
    this.end = end;
    this.index = index;
  }
}
