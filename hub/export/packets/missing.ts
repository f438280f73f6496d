import { formatTime } from '../../../flow/time.ts';
import type { NoAnswer, NoPackets, PacketAnswer } from '../../ingest/packet-requests.ts';
import type { WantedOfWorker } from './wanted.ts';

/** Workers keep packets of live traffic for less, µs. What is older is of a capture file, which need not go on until now. */
const RECENT = 7200e6;

/** Why packets of flows are not there, in sentences. */
export class MissingPackets {
  readonly reasons = new Set<NoPackets | 'overwritten'>();
  readonly sentences: string[] = [];

  /** The worker gives none. */
  none({ node, times }: WantedOfWorker, reason: NoPackets): void {
    this.reasons.add(reason);
    const count = flows(times.length);
    const sentences: Record<NoPackets, string> = {
      away: `The packets of ${count} were with the worker on ${node}, which is not connected any more.`,
      'given-up': `The worker on ${node}, which saw ${count}, had too many exports to make at once: try again.`,
      'not-recording': `The worker on ${node}, which saw ${count}, records no packets: start it with a --record-limit above 0.`,
      refused: `The worker on ${node}, which saw ${count}, gives no secrets away: start it with --allow-raw-export, or leave --raw out.`,
    };
    this.sentences.push(sentences[reason]);
  }

  /** The worker had begun to give. */
  rest(node: string, why: NoAnswer): void {
    const sentences: Record<NoAnswer, string> = {
      away: `The worker on ${node} went away before it had given all of its packets.`,
      'given-up': `The worker on ${node} had too many exports to make at once, and gave only some of its packets: try again.`,
      refused: `The worker on ${node} gives no secrets away any more, and gave only some of its packets.`,
    };
    this.sentences.push(sentences[why]);
  }

  /** The worker has more packets than it gives for one export. */
  tooMany({ node }: WantedOfWorker): void {
    this.sentences.push(
      `The worker on ${node} has more packets of these flows than one export may hold, and leaves out the last ones: ask for less time, or add a filter.`,
    );
  }

  /** What the worker has is newer than some of what is wanted. `now`: µs. */
  overwritten(
    { node, times }: WantedOfWorker,
    { oldest, overwrittenAt, total }: PacketAnswer,
    now: number,
  ): void {
    const gone =
      Number.isNaN(oldest) || total.packets === 0
        ? times.length
        : times.filter((time) => time < oldest).length;
    if (gone === 0) return;
    this.reasons.add('overwritten');
    const holds = Number.isNaN(oldest)
      ? 'it holds none at the moment'
      : now - oldest < RECENT
        ? `it holds those of the last ${minutes(now - oldest)}`
        : `it holds those from ${shortTime(oldest)} on`;
    const said = Number.isNaN(overwrittenAt)
      ? `The worker on ${node} has not, or not any more, the packets of ${flows(gone)}; ${holds}`
      : `The packets of ${flows(gone)} on ${node} were overwritten, the first at ${shortTime(overwrittenAt)}; ${holds}`;
    this.sentences.push(`${said}; raise --record-limit.`);
  }

  /** No worker has packets that are as old as some of the flows. */
  overwrittenBefore(time: number): void {
    this.reasons.add('overwritten');
    this.before(time, 'no worker has packets as old as that any more; raise --record-limit');
  }

  /** Flows from before `time` (µs) were not looked for. */
  before(time: number, why: string): void {
    this.sentences.push(`Flows from before ${shortTime(time)} are left out: ${why}.`);
  }
}

function flows(count: number): string {
  return count === 1 ? 'one flow' : `${count} flows`;
}

/** `2026-11-21 14:02:11 UTC`. */
function shortTime(time: number): string {
  return `${formatTime(time).slice(0, 19).replace('T', ' ')} UTC`;
}

function minutes(us: number): string {
  const seconds = Math.max(1, Math.round(us / 1e6));
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}
