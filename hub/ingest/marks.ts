import { hostPort } from '../../flow/address.ts';
import type { ExchangeMark, MarkedPacket } from '../../flow/exchange-mark.ts';
import type { RecordView } from '../../flow/record.ts';

/** Exchanges whose marks are kept at a time; the ones told first are forgotten first. */
const MAX_MARKS = 100_000;

interface KeptMark {
  readonly mark: ExchangeMark;
  isUsed: boolean;
}

/** What capture files say of exchanges in them. It is their claim: whoever uses it asks whether it can be. */
export class Marks {
  /** Marks that were forgotten before anybody asked for them. */
  readonly counters = { forgottenMarks: 0 };
  readonly limits = { marks: MAX_MARKS };
  /** By the packet that begins an exchange. */
  readonly #marks = new Map<string, KeptMark>();

  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }

  learn(told: readonly MarkedPacket[]): void {
    for (const { time, from, to, mark } of told) {
      const key = keyOf(time, from, to);
      const known = this.#marks.get(key);
      this.#marks.delete(key);
      this.#marks.set(key, {
        mark: known === undefined || known.mark.flow === mark.flow ? mark : bothOf(known.mark, mark),
        isUsed: known?.isUsed ?? false,
      });
      if (this.#marks.size > MAX_MARKS) this.#forgetOldest();
    }
  }

  /** Of an exchange; the packet that begins it is the server's where its request was not seen. */
  of(view: RecordView): ExchangeMark | undefined {
    if (this.isEmpty) return undefined;
    const src = hostPort(view.srcIp, view.srcPort);
    const dst = hostPort(view.dstIp, view.dstPort);
    const kept = this.#marks.get(keyOf(view.time, src, dst)) ?? this.#marks.get(keyOf(view.time, dst, src));
    if (kept === undefined) return undefined;
    kept.isUsed = true;
    return kept.mark;
  }

  #forgetOldest(): void {
    const [[key, { isUsed }]] = this.#marks as Iterable<[string, KeptMark]> as [[string, KeptMark]];
    this.#marks.delete(key);
    if (!isUsed) this.counters.forgottenMarks++;
  }
}

function keyOf(time: number, from: string, to: string): string {
  return `${Math.floor(time)} ${from} ${to}`;
}

/** Of several exchanges that begin with one packet: what holds for all of them is where they go. */
function bothOf(one: ExchangeMark, other: ExchangeMark): ExchangeMark {
  const same = <Key extends 'service' | 'name' | 'clientName'>(key: Key) =>
    one[key] === other[key] ? one[key] : undefined;
  return {
    ...{ flow: one.flow, way: 1, ways: 1, ends: one.ends ?? other.ends },
    ...{ service: same('service'), name: same('name'), clientName: same('clientName') },
  };
}
