import type { Problem } from '../../flow/problem.ts';

/** Stable: scripts and the documentation name them. */
export type CaptureErrorCode =
  /** No such file. */
  | 'CAPTURE_NOT_FOUND'
  /** The system refuses to read the file: permission, a directory, a disk error. */
  | 'CAPTURE_NOT_READABLE'
  /** The bytes are no capture file of a known kind. */
  | 'CAPTURE_NOT_A_CAPTURE'
  /** The file ends inside a packet. */
  | 'CAPTURE_TRUNCATED'
  /** The file contradicts itself; what follows cannot be told apart. */
  | 'CAPTURE_DAMAGED'
  /** Live: this process has not the capability to open packet sockets. */
  | 'CAPTURE_NOT_PERMITTED'
  /** Live: it has, and packet sockets are refused all the same: seccomp, AppArmor, SELinux, a user namespace. */
  | 'CAPTURE_BLOCKED'
  | 'CAPTURE_NO_INTERFACE'
  | 'CAPTURE_BAD_FILTER'
  /** libpcap or the addon that binds it is not there. */
  | 'CAPTURE_LIBPCAP_MISSING'
  /** Live: any other refusal, in libpcap's words. */
  | 'CAPTURE_FAILED';

/** What goes wrong between the network, or a file, and the first byte of a packet. */
export class CaptureError extends Error implements Problem {
  override readonly name = 'CaptureError';
  readonly code: CaptureErrorCode;
  /** How to mend it, where the message does not say so already. */
  readonly remedy?: string;

  constructor(code: CaptureErrorCode, message: string, options?: ErrorOptions & { remedy?: string }) {
    super(message, options);
    this.code = code;
    if (options?.remedy !== undefined) this.remedy = options.remedy;
  }
}
