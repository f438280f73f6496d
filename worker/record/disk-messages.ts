/** Between the worker's thread and that of its disk (disk-thread.ts). Answers come in the order of the questions. */

import type { RestoredStretch } from './restoration.ts';

/** What the thread is started with. */
export interface DiskOptions {
  readonly directory: string;
  /** Where the key is kept for the next worker (key-file.ts); undefined: it ends with the thread. */
  readonly keyDirectory: string | undefined;
  /** Of all files, and of a segment. */
  readonly roomBytes: number;
  readonly segmentBytes: number;
}

/** What an error of the file system or of the cipher says. */
export interface DiskProblem {
  /** `ENOSPC` and the like. */
  readonly code: string;
  readonly message: string;
}

export type ToDisk =
  /** The first `size` bytes of the buffer are written; until the answer nobody changes them. */
  | {
      readonly kind: 'write';
      readonly name: string;
      readonly size: number;
      readonly buffer: SharedArrayBuffer;
    }
  | { readonly kind: 'read'; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string }
  /** The thread ends. Its files are removed, unless the key is kept. */
  | { readonly kind: 'close' };

export type FromDisk =
  /** The first message: why the key is not kept, where it should be. */
  | { readonly kind: 'started'; readonly problem?: DiskProblem }
  /** What an earlier worker has left and can be read, oldest first, and how many of its files could not and are removed. Comes once. */
  | { readonly kind: 'restored'; readonly stretches: readonly RestoredStretch[]; readonly unreadable: number }
  | { readonly kind: 'written'; readonly name: string; readonly problem?: DiskProblem }
  | { readonly kind: 'read'; readonly name: string; readonly bytes: ArrayBuffer | DiskProblem };
