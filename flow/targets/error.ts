import type { TargetSpec } from '../targets.ts';

/** A target spec that cannot be used: the field, and the place in its text. */
export class TargetError extends Error {
  override name = 'TargetError';
  readonly code = 'TARGET_INVALID';
  /** '': the spec as a whole. */
  readonly field: keyof TargetSpec | '';
  /** Offsets into the text, or into the entry `index` of a list. */
  readonly start: number;
  readonly end: number;
  /** Which entry of a list; 0 for a text. */
  readonly index: number;

  constructor(
    field: TargetError['field'],
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
