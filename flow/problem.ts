/** Something that does not work, said to whoever can mend it. */
export interface Problem {
  /** Stable: scripts may test it. */
  code: string;
  message: string;
  /** What to do about it. */
  remedy?: string;
}

/** Of an error that is a problem, what others are told. */
export function toProblem({ code, message, remedy }: Problem): Problem {
  return remedy === undefined ? { code, message } : { code, message, remedy };
}
