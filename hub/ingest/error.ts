/** Why a worker is refused. The codes are stable: the worker prints them. */
export type RefusalCode =
  /** It speaks another version of flow/wire.ts. */
  | 'WIRE_VERSION'
  /** It did not begin with hello. */
  | 'HELLO_EXPECTED'
  /** A message that flow/wire.ts does not know, or with wrong values. */
  | 'MESSAGE_INVALID'
  /** A binary frame that is no batch. */
  | 'FRAME_INVALID'
  /** More worker sessions than the hub keeps. */
  | 'TOO_MANY_WORKERS';

/** A worker has to be refused: it stops and says why. */
export class IngestError extends Error {
  override name = 'IngestError';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
