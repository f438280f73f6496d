import type { Command } from './timed-program.ts';

/** A program that others read HTTP from captures with. */
export interface Peer {
  readonly name: string;
  /** `scratch` is an empty directory for what it writes. */
  readonly command: (path: string, scratch: string) => Command;
}

export const PEERS: readonly Peer[] = [
  {
    name: 'httpry',
    command: (path) => ({ file: 'httpry', args: ['-r', path, '-o', '/dev/null'] }),
  },
  {
    name: 'tshark',
    command: (path) => ({
      file: 'tshark',
      args: [
        ...['-r', path, '-Y', 'http', '-T', 'fields'],
        ...['-e', 'http.request.method', '-e', 'http.request.uri', '-e', 'http.response.code'],
      ],
    }),
  },
  {
    name: 'tcpflow',
    command: (path, scratch) => ({ file: 'tcpflow', args: ['-r', path, '-o', scratch] }),
  },
];
