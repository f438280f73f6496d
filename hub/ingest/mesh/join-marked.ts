import type { ExchangeMark } from '../../../flow/exchange-mark.ts';
import { RecordView } from '../../../flow/record.ts';
import type { Held } from '../held.ts';
import type { Marks } from '../marks.ts';

interface MarkedWay {
  readonly held: Held;
  readonly mark: ExchangeMark;
}

/**
 * Joins exchanges that a capture file says were ways of one flow (see join.ts, which finds them where nobody says it). Their requests must be the
 * same, as sidecars pass them on. `due` are about to be committed, in this order; `waiting` come later.
 */
export function joinMarked(marks: Marks, due: readonly Held[], waiting: readonly Held[]): void {
  if (marks.isEmpty) return;
  const isDue = new Set(due);
  for (const found of flowsOf(marks, [...due, ...waiting]).values()) {
    const [first] = found;
    const ways = found
      .filter(({ held }) => held.requestLine === first.held.requestLine)
      .toSorted((a, b) => a.mark.way - b.mark.way)
      .filter(({ mark }, n, sorted) => mark.way !== sorted[n - 1]?.mark.way);
    const earliest = found.find((way) => ways.includes(way))!;
    if (ways.length > 1 && isDue.has(earliest.held)) earliest.held.joinWays(ways.map(({ held }) => held));
  }
}

/** In the order in which they come, by flow. */
function flowsOf(marks: Marks, all: readonly Held[]): Map<string, [MarkedWay, ...MarkedWay[]]> {
  const view = new RecordView();
  const flows = new Map<string, [MarkedWay, ...MarkedWay[]]>();
  for (const held of all) {
    if (held.sealed || held.requestKey === 0) continue;
    const mark = marks.of(view.at(held.ofRequest.record, 0));
    if (mark === undefined || mark.ways === 1) continue;
    const ways = flows.get(mark.flow);
    if (ways === undefined) flows.set(mark.flow, [{ held, mark }]);
    else ways.push({ held, mark });
  }
  return flows;
}
