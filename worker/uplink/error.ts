/** The hub will not take this worker: trying again is of no use. `code` is the hub's, or UNAUTHORIZED. */
export class UplinkRefused extends Error {
  override name = 'UplinkRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
