/** Packets for a recorder that nothing is around: each says which it is. For tests. */

import { Packet } from '../worker/packet/packet.ts';
import { RecordMarks } from '../worker/record/marks.ts';
import type { Recorder } from '../worker/record/recorder.ts';
import type { ConnectionInfo } from '../worker/tcp/stream.ts';
import { storedIn } from './recording.ts';

const SIZE = 50_000;
/** Packets in a segment. */
export const IN_SEGMENT = 20;

/** What the recorder looks at of a connection. */
export function connectionOf(id: number): ConnectionInfo {
  const addresses = { client0: 0, client1: 0, client2: 0xffff, client3: 1 };
  const servers = { server0: 0, server1: 0, server2: 0xffff, server3: 2 };
  return { id, recordMark: RecordMarks.unseen, ipVersion: 4, ...addresses, ...servers } as ConnectionInfo;
}

/** Sends packets a microsecond apart, with `canary CONNECTION TIME` in their bytes. */
export class Sender {
  #time: number;
  readonly #packet = new Packet();

  constructor(time: number) {
    this.#time = time;
  }

  send(recorder: Recorder, connection: ConnectionInfo, count: number): void {
    const packet = this.#packet;
    packet.data = new Uint8Array(SIZE);
    packet.payloadEnd = SIZE;
    for (let i = 0; i < count; i++) {
      packet.time = this.#time++;
      packet.data.set(Buffer.from(`canary ${connection.id} ${packet.time}`), 100);
      recorder.packet(connection, 0, packet);
    }
  }
}

/** What the packets say that a recorder has. */
export async function sentIn(recorder: Recorder): Promise<string[]> {
  return (await storedIn(recorder)).map(({ bytes }) => canaryIn(bytes));
}

export function canaryIn(bytes: Uint8Array): string {
  return /canary \d+ \d+/.exec(Buffer.from(bytes).toString('latin1'))![0];
}
