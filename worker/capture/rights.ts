import { readFileSync } from 'node:fs';
import { CaptureError } from './error.ts';

/** What the kernel lets this process do. */
export interface Rights {
  uid: number;
  /** Whether CAP_NET_RAW is in its effective set, and whether it could get it: its bounding set. */
  netRaw: boolean;
  netRawBounding: boolean;
  /** Even root could not have all capabilities: it runs in a container. */
  confined: boolean;
  /** A seccomp filter looks at its system calls. */
  seccomp: boolean;
}

/** Bits of the capability sets (linux/capability.h). */
const CAP_NET_RAW = 13n;
const CAP_SYS_ADMIN = 21n;
const SECCOMP_MODE_FILTER = '2';

/** Rights as /proc/PID/status tells them (proc(5)). */
export function parseRights(status: string): Rights {
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '0';
  const has = (set: string, capability: bigint) => ((BigInt(`0x${field(set)}`) >> capability) & 1n) === 1n;
  return {
    uid: Number(field('Uid')),
    netRaw: has('CapEff', CAP_NET_RAW),
    netRawBounding: has('CapBnd', CAP_NET_RAW),
    confined: !has('CapBnd', CAP_SYS_ADMIN),
    seccomp: field('Seccomp') === SECCOMP_MODE_FILTER,
  };
}

/** Rights of this process; undefined where there is no /proc. */
export function readRights(): Rights | undefined {
  try {
    return parseRights(readFileSync('/proc/self/status', 'latin1'));
  } catch {
    return undefined;
  }
}

/** Why a packet socket was refused, told apart by the rights there are. */
export function explainRefusal(name: string, rights: Rights | undefined, cause: Error): CaptureError {
  const refused = `packets may not be captured (interface ${name})`;
  if (rights?.netRaw === true) {
    const by = rights.seccomp
      ? 'its seccomp profile, AppArmor or SELinux'
      : 'AppArmor, SELinux or its user namespace';
    return new CaptureError(
      'CAPTURE_BLOCKED',
      `${refused}: the worker has CAP_NET_RAW, but ${by} refuses packet sockets`,
      { cause, remedy: 'Allow it sockets of AF_PACKET in the network namespace it captures in.' },
    );
  }
  if (rights?.netRawBounding === false) {
    return new CaptureError(
      'CAPTURE_NOT_PERMITTED',
      `${refused}: the worker's container is without CAP_NET_RAW`,
      {
        cause,
        remedy: 'Add the capability NET_RAW to it; an admission policy may have taken it off the pod.',
      },
    );
  }
  if (rights?.confined === true) {
    return new CaptureError(
      'CAPTURE_NOT_PERMITTED',
      `${refused}: its container has CAP_NET_RAW, but user ${rights.uid} does not`,
      { cause, remedy: 'Run the container as user 0: only root has the capabilities that are added.' },
    );
  }
  return new CaptureError('CAPTURE_NOT_PERMITTED', `${refused}: this user has no CAP_NET_RAW`, {
    cause,
    remedy:
      `Run this with sudo, or type once \`sudo setcap cap_net_raw+ep ${process.execPath}\`, which lets every ` +
      'program run by that Node capture.',
  });
}
