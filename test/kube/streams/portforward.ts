/** Port-forward: two channels a port, data and error; each connection to the pod is a real one to a local port. */

import { connect, type Socket } from 'node:net';
import type { Channels } from './channels.ts';
import type { PodPorts } from './ports.ts';

/** The pod has closed, the server waits for the client this long. */
const LINGER_MS = 1000;

/** Carries the ports of one WebSocket until all of a pod's connections, or the client, have ended. */
export function forward(channels: Channels, pod: string, ports: number[], open: PodPorts): void {
  let left = ports.length;
  const ended = (lingerMs: number) => {
    left -= 1;
    if (left === 0) setTimeout(() => channels.close(), lingerMs);
  };
  const sockets = ports.map((port, index) =>
    forwardOne(channels, { pod, port, channel: index * 2 }, open, ended),
  );
  channels.onData((channel, bytes) => {
    if (channel % 2 === 0) sockets[channel / 2]?.write(bytes);
  });
  channels.onClose(() => {
    for (const socket of sockets) socket?.destroy();
  });
}

interface Forwarded {
  pod: string;
  port: number;
  /** Of its data; the next one carries errors. */
  channel: number;
}

function forwardOne(
  channels: Channels,
  { pod, port, channel }: Forwarded,
  open: PodPorts,
  ended: (lingerMs: number) => void,
): Socket | undefined {
  // First the number of the port, little endian, on both channels.
  const number = Buffer.from([port & 0xff, port >> 8]);
  channels.send(channel, number);
  channels.send(channel + 1, number);
  const local = open.localPort(pod, port);
  const refuse = () => channels.send(channel + 1, Buffer.from(refused(pod, port)), () => ended(0));
  if (local === undefined) {
    refuse();
    return undefined;
  }
  const socket = connect(local, '127.0.0.1');
  let connected = false;
  socket.on('connect', () => {
    connected = true;
  });
  socket.on('data', (bytes) => {
    // No more than the client takes.
    socket.pause();
    channels.send(channel, bytes, () => socket.resume());
  });
  socket.on('error', () => {
    if (!connected) refuse();
  });
  socket.on('close', () => {
    if (connected) ended(LINGER_MS);
  });
  return socket;
}

function refused(pod: string, port: number): string {
  return (
    `error forwarding port ${port} to pod ${pod}, uid : failed to execute portforward in network namespace ` +
    `"/var/run/netns/cni-${pod}": failed to connect to localhost:${port} inside namespace "${pod}", IPv4: dial ` +
    `tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found `
  );
}
