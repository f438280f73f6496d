import type { Problem } from '../../flow/problem.ts';

/** Why there is no connection to the hub. `code` is stable; the hub's own where it gave one. */
export class UplinkError extends Error implements Problem {
  override name = 'UplinkError';
  readonly code: string;
  readonly remedy?: string;

  constructor(code: string, message: string, options?: ErrorOptions & { remedy?: string }) {
    super(message, options);
    this.code = code;
    if (options?.remedy !== undefined) this.remedy = options.remedy;
  }
}

/** The hub will not take this worker: with what it brings, trying again is of no use. */
export class UplinkRefused extends UplinkError {
  override name = 'UplinkRefused';
}
