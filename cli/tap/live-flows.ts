/** Whole flows from the hub's live stream (flow/api.ts), a frame at a time. */

import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { LiveFrame, LiveRequest } from '../../flow/api.ts';
import type { Flow } from '../../flow/flow.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import { count } from '../output/units.ts';
import type { HubAddress } from './hub-address.ts';

export interface LiveOptions {
  /** `http://127.0.0.1:8899` */
  url: string;
  token: string;
  filter: string;
  /** Called with how many flows the hub left out because this end was too slow. */
  onSkipped: (count: number) => void;
  /** Ends the iterator, also one that waits. */
  stop: AbortSignal;
}

/** After the stream broke (the hub is starting again). */
const RECONNECT_MS = 500;

/** The hub's live flows until `stop`, across its restarts; tells what was not shown. Rejects if it cannot be opened at first. */
export async function* followLiveFlows(
  hub: HubAddress,
  filter: string,
  terminal: Terminal,
  stop: AbortSignal,
): AsyncGenerator<readonly Flow[], void> {
  const onSkipped = (skipped: number) =>
    terminal.warn(`${count(skipped)} flows skipped: the output is too slow`);
  let opened = false;
  while (!stop.aborted) {
    try {
      const flows = await openLiveFlows({ url: hub.url, token: hub.token, filter, onSkipped, stop });
      if (opened) terminal.warn('the hub is back; flows in between were not shown');
      opened = true;
      yield* flows;
    } catch (error) {
      if (!opened) throw error;
    }
    await sleep(RECONNECT_MS, undefined, { signal: stop }).catch(() => {});
  }
}

/**
 * Opens the stream; resolves once the hub has taken the subscription's socket. The iterator ends when the
 * hub closes it, and rejects with CliError when the hub refuses.
 */
export async function openLiveFlows(options: LiveOptions): Promise<AsyncIterableIterator<readonly Flow[]>> {
  const socket = new WebSocket(`${options.url.replace(/^http/, 'ws')}/api/v1/live`, {
    headers: { authorization: `Bearer ${options.token}` },
  });
  const frames = new Mailbox();
  socket.on('message', (data) => frames.put(JSON.parse(String(data)) as LiveFrame));
  socket.on('close', () => frames.put(undefined));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (cause) => {
      reject(new CliError('LIVE', `the hub did not open its live stream (${cause.message})`, { cause }));
    });
  });
  options.stop.addEventListener('abort', () => socket.terminate(), { once: true });
  // After it is open an error is always followed by `close`.
  socket.on('error', () => {});
  const send = (request: LiveRequest) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
  };
  send({ type: 'subscribe', stream: 'flows', filter: options.filter, full: true });
  return read(frames, send, () => socket.terminate(), options.onSkipped);
}

async function* read(
  frames: Mailbox,
  send: (request: LiveRequest) => void,
  close: () => void,
  onSkipped: (count: number) => void,
): AsyncGenerator<readonly Flow[], void> {
  try {
    for (;;) {
      const frame = await frames.take();
      if (frame === undefined) return;
      if (frame.type === 'error') {
        throw new CliError(frame.error.code, frame.error.message, { remedy: frame.error.remedy });
      }
      if (frame.type !== 'full') continue;
      if (frame.skipped > 0) onSkipped(frame.skipped);
      yield frame.flows;
      send({ type: 'next' });
    }
  } finally {
    close();
  }
}

/** Frames from the socket's events to a reader that awaits them. The protocol allows one frame in flight, so it stays short. */
class Mailbox {
  private readonly frames: (LiveFrame | undefined)[] = [];
  private wake: (() => void) | undefined;

  put(frame: LiveFrame | undefined): void {
    this.frames.push(frame);
    this.wake?.();
  }

  async take(): Promise<LiveFrame | undefined> {
    while (this.frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.frames.shift();
  }
}
