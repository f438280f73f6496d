import { Packet } from '../../worker/packet/packet.ts';
import { LinkType } from './link.ts';

/** A frame as a capture holds it. */
export interface TimedFrame {
  /** Microseconds since the Unix epoch. */
  time: number;
  frame: Uint8Array;
  /** Length on the wire where the frame was cut by a snapshot length; default its own. */
  wireLength?: number;
  /** pcapng: which interface of the section; default 0. */
  interfaceId?: number;
}

/** What a capture with this snapshot length would hold of a frame. */
export function snap(timed: TimedFrame, snapLength: number): TimedFrame {
  if (timed.frame.length <= snapLength) return timed;
  return {
    ...timed,
    frame: timed.frame.subarray(0, snapLength),
    wireLength: timed.wireLength ?? timed.frame.length,
  };
}

/** Points a packet at a frame as a capture source does; the decoder does the rest. */
export function load(packet: Packet, timed: TimedFrame, linkType: number = LinkType.ethernet): Packet {
  packet.data = timed.frame;
  packet.start = 0;
  packet.end = timed.frame.length;
  packet.wireLength = timed.wireLength ?? timed.frame.length;
  packet.time = timed.time;
  packet.linkType = linkType;
  packet.interfaceId = timed.interfaceId ?? 0;
  return packet;
}

/** A packet of its own for a frame, not yet decoded. */
export function packetOf(timed: TimedFrame | Uint8Array, linkType: number = LinkType.ethernet): Packet {
  return load(new Packet(), timed instanceof Uint8Array ? { time: 0, frame: timed } : timed, linkType);
}
