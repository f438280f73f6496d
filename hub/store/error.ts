/** Every error a store gives of its own accord. The codes are stable; README and tests name them. */
export type StoreErrorCode =
  /** Another process has the data directory. */
  | 'STORE_LOCKED'
  /** The data was written by a later version of Remora. */
  | 'STORE_TOO_NEW'
  /** No room left on the disk. */
  | 'STORE_FULL'
  | 'STORE_READ_ONLY'
  /** Any other failure of the disk or of SQLite; `cause` has it. */
  | 'STORE_IO'
  /** The store was closed, or its thread died. */
  | 'STORE_CLOSED'
  /** What was given cannot be stored or is no cursor: a fault of the caller. */
  | 'STORE_INVALID';

/** A sentence that says what failed and how to mend it. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The store's error for one of SQLite or of the file system; a StoreError is given back as it is. */
export function asStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  const message = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError(
      'STORE_FULL',
      `${doing}: the disk is full. Free some space or lower --storage-limit.`,
      error,
    );
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new StoreError(
      'STORE_READ_ONLY',
      `${doing}: the data directory cannot be written. Give another one with --data-dir, or the right to write to it.`,
      error,
    );
  }
  return new StoreError('STORE_IO', `${doing}: ${message}. Check the disk under --data-dir.`, error);
}

/** Whether SQLite found the file damaged (or no database at all). */
export function isCorrupt(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}
