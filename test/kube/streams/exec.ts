/** Exec: standard input and output of a command on channels 0, 1, 2, its end on 3. Commands are functions of a test. */

import type { Channels } from './channels.ts';

export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
  /** The text that the client sent so far, once there is some. */
  input(): Promise<string>;
}

/** Runs a command and returns its exit code; undefined: there is no such command. */
export type Command = (argv: string[], io: CommandIo) => Promise<number> | number;

export class Execs {
  readonly #commands = new Map<string, Command>();

  /** What `NAME …` does in every pod. */
  command(name: string, run: Command): void {
    this.#commands.set(name, run);
  }

  async run(channels: Channels, argv: string[]): Promise<void> {
    channels.send(1, Buffer.alloc(0));
    const command = this.#commands.get(argv[0] ?? '');
    const status = command === undefined ? notFound(argv[0] ?? '') : await outcome(command, argv, channels);
    if (channels.tellsStatus) channels.send(3, Buffer.from(goJson(status)));
    channels.close();
  }
}

async function outcome(command: Command, argv: string[], channels: Channels): Promise<object> {
  const code = await command(argv, ioOf(channels));
  if (code === 0) return { metadata: {}, status: 'Success' };
  const line = argv.join(' ');
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command [${line}], exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** Go escapes what would be markup in HTML. */
function goJson(value: object): string {
  return JSON.stringify(value).replace(/[<>&]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}

function ioOf(channels: Channels): CommandIo {
  let arrived = '';
  let wake: (() => void) | undefined;
  channels.onData((channel, bytes) => {
    if (channel !== 0) return;
    arrived += bytes.toString();
    wake?.();
  });
  return {
    out: (text) => channels.send(1, Buffer.from(text)),
    err: (text) => channels.send(2, Buffer.from(text)),
    input: async () => {
      if (arrived === '') await new Promise<void>((resolve) => (wake = resolve));
      return arrived;
    },
  };
}

function notFound(name: string): object {
  const why =
    'error executing command in container: failed to exec in container: failed to start exec "0": OCI runtime ' +
    `exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(name)}: executable file ` +
    'not found in $PATH: unknown';
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${why}`,
    reason: 'InternalError',
    details: { causes: [{ message: why }] },
    code: 500,
  };
}
