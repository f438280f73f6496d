/** Good captures, to be spoiled: those of other projects where they are at hand, and some of our own. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '../../worker/capture/file.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { CORPORA, hasCorpora } from '../conformance/corpora.ts';
import {
  Conversation,
  type ConversationOptions,
  ethernet,
  geneve,
  ipv4,
  ipv4Fragments,
  ipv6Fragments,
  LinkType,
  linuxSll,
  linuxSll2,
  type TimedFrame,
  udp,
  vxlan,
} from '../packets/index.ts';
import type { Chance } from './chance.ts';
import type { Capture } from './check.ts';
import { hostileTalk } from './http.ts';

/** Larger ones would take a case too long. */
const MAX_FILE = 200_000;
const MAX_FRAMES = 600;

export async function corpusCaptures(): Promise<Capture[]> {
  if (!hasCorpora) return [];
  const captures: Capture[] = [];
  const names = readdirSync(CORPORA, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((each) => /\.(pcap|pcapng|cap)$/.test(each)).sort()) {
    const path = join(CORPORA, name);
    if (statSync(path).size <= MAX_FILE) captures.push(await framesOf(path));
  }
  return captures.filter(({ frames }) => frames.length > 0);
}

async function framesOf(path: string): Promise<Capture> {
  const capture: Capture = { frames: [], linkType: LinkType.ethernet };
  const file = await openFile(path);
  const packet = new Packet();
  try {
    do {
      while (file.next(packet) && capture.frames.length < MAX_FRAMES) {
        capture.linkType = packet.linkType;
        capture.frames.push({
          time: packet.time,
          frame: packet.data.slice(packet.start, packet.end),
          wireLength: packet.wireLength,
        });
      }
    } while (capture.frames.length < MAX_FRAMES && (await file.fill()));
  } catch {
    // Damaged ones are there on purpose: what comes before the damage serves.
  }
  await file.close();
  return capture;
}

type Wrap = (packet: Uint8Array) => Uint8Array;

const tunnel = (payload: Uint8Array): Uint8Array =>
  ethernet({ payload: ipv4({ src: '10.9.0.1', dst: '10.9.0.2', protocol: 17, payload }) });

/** How an IP packet may stand in a frame. */
const WRAPS: readonly { linkType: number; link: Wrap }[] = [
  { linkType: LinkType.ethernet, link: (payload) => ethernet({ payload }) },
  { linkType: LinkType.ethernet, link: (payload) => ethernet({ payload, vlans: [5, 6], minimumLength: 60 }) },
  { linkType: LinkType.raw, link: (packet) => packet },
  { linkType: LinkType.linuxSll, link: (payload) => linuxSll({ payload }) },
  { linkType: LinkType.linuxSll2, link: (payload) => linuxSll2({ payload }) },
  {
    linkType: LinkType.ethernet,
    link: (payload) =>
      tunnel(udp({ srcPort: 9, dstPort: 4789, payload: vxlan({ vni: 1, frame: ethernet({ payload }) }) })),
  },
  {
    linkType: LinkType.ethernet,
    link: (payload) =>
      tunnel(
        udp({
          srcPort: 9,
          dstPort: 6081,
          payload: geneve({ vni: 1, protocol: 0x6558, payload: ethernet({ payload }) }),
        }),
      ),
  },
];

/** One to three connections side by side, with HTTP as no library would write it. */
export function ownCapture(chance: Chance): Capture {
  const { linkType, link } = chance.pick(WRAPS);
  let frames: TimedFrame[] = [];
  for (let n = chance.between(1, 3); n > 0; n--) {
    const version6 =
      linkType === LinkType.raw || linkType === LinkType.ethernet ? chance.happens(0.3) : false;
    const mss = chance.pick([1, 7, 100, 536, 1460, 1460, 16_000]);
    const options: ConversationOptions = {
      clientPort: 40_000 + n,
      clientSeq: chance.happens(0.2) ? 0xffff_fff0 : chance.below(2 ** 32),
      serverSeq: chance.below(2 ** 32),
      mss,
      time: 1_750_000_000_000_000 + chance.below(1000),
      step: chance.pick([1, 50, 1000, 300_000]),
      timestamps: chance.happens(0.5),
      acknowledge: chance.happens(0.5),
      link,
      ...(version6 ? { clientAddress: 'fd00::1', serverAddress: 'fd00::2' } : {}),
    };
    frames = frames.concat(hostileTalk(chance, new Conversation(options), mss).packets);
  }
  frames.sort((a, b) => a.time - b.time);
  return { frames: chance.happens(0.1) ? fragmented(frames, linkType, chance) : frames, linkType };
}

/** Frames of untagged Ethernet are cut into IP fragments; others stay as they are. */
function fragmented(frames: TimedFrame[], linkType: number, chance: Chance): TimedFrame[] {
  if (linkType !== LinkType.ethernet) return frames;
  const size = 8 * chance.between(1, 60);
  return frames.flatMap(({ time, frame }, n) => {
    const isIpv6 = frame[12] === 0x86;
    if (!isIpv6 && frame[12] !== 0x08) return [{ time, frame }];
    const packet = frame.subarray(14);
    const pieces = isIpv6 ? ipv6Fragments(packet, size, n) : ipv4Fragments(packet, size);
    return pieces.map((payload) => ({ time, frame: ethernet({ payload }) }));
  });
}
