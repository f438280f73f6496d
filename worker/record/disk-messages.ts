/** Between the worker's thread and that of its disk (disk-thread.ts). Answers come in the order of the questions. */

/** What an error of the file system or of the cipher says. */
export interface DiskProblem {
  /** `ENOSPC` and the like. */
  readonly code: string;
  readonly message: string;
}

export type ToDisk =
  /** The buffer is handed over; its first `size` bytes are written. */
  | { readonly kind: 'write'; readonly number: number; readonly size: number; readonly buffer: ArrayBuffer }
  | { readonly kind: 'read'; readonly number: number }
  | { readonly kind: 'remove'; readonly number: number }
  /** Removes all files; the thread ends. */
  | { readonly kind: 'close' };

export type FromDisk =
  /** The buffer is given back as it was. */
  | {
      readonly kind: 'written';
      readonly number: number;
      readonly buffer: ArrayBuffer;
      readonly problem?: DiskProblem;
    }
  | { readonly kind: 'read'; readonly number: number; readonly bytes: ArrayBuffer | DiskProblem };
