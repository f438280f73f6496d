import { expect, test } from 'vitest';
import { explainRefusal, parseRights } from './rights.ts';

/** What /proc/self/status says of a process in the situations that matter. */
function status(changes: Record<string, string>): string {
  const fields = {
    Name: 'node',
    Uid: '0\t0\t0\t0',
    CapInh: '0000000000000000',
    CapPrm: '0000000000000000',
    CapEff: '0000000000000000',
    CapBnd: '000001ffffffffff',
    NoNewPrivs: '0',
    Seccomp: '0',
    ...changes,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join('');
}

/** What runtimes leave to a container by default, without CAP_NET_RAW. */
const USUAL = '00000000a80405fb';
const NET_RAW = '0000000000002000';
const ALL = '000001ffffffffff';

test.each<[string, Record<string, string>, string, RegExp]>([
  ['a user of a machine', { Uid: '1000\t1000\t1000\t1000' }, 'CAPTURE_NOT_PERMITTED', /sudo setcap/],
  [
    'root of a container without the capability',
    { CapBnd: USUAL },
    'CAPTURE_NOT_PERMITTED',
    /^Add the capability NET_RAW/,
  ],
  [
    'another user of a container that has it',
    { Uid: '65532\t65532\t65532\t65532', CapBnd: NET_RAW },
    'CAPTURE_NOT_PERMITTED',
    /as user 0/,
  ],
  [
    'root of a container that has it, and seccomp',
    { CapPrm: NET_RAW, CapEff: NET_RAW, CapBnd: NET_RAW, Seccomp: '2' },
    'CAPTURE_BLOCKED',
    /AF_PACKET/,
  ],
  ['root of a user namespace', { CapPrm: ALL, CapEff: ALL }, 'CAPTURE_BLOCKED', /AF_PACKET/],
])('%s is told what it lacks', (_, changes, code, remedy) => {
  expect(
    explainRefusal('any', parseRights(status(changes)), new Error('socket: Operation not permitted')),
  ).toMatchObject({
    code,
    message: expect.stringContaining('any'),
    remedy: expect.stringMatching(remedy),
  });
});
