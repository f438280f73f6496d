/** What must be true of everything a worker makes of any packets at all. */
import { COMPLETENESS } from '../../flow/flow.ts';
import { RecordKind, RecordView, toConnection, toFlow } from '../../flow/record.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { Pipeline } from '../../worker/pipeline.ts';
import { load, type TimedFrame } from '../packets/index.ts';

export interface Capture {
  frames: TimedFrame[];
  linkType: number;
}

/** Records of one case, still as bytes; and what was counted. */
export interface Outcome {
  records: Uint8Array;
  counters: Record<string, number>;
}

export const MAX_BODY = 16 * 1024;
/** `[REDACTED]` may stand for a single byte, so a redacted text can be longer than what it came from. */
const MAX_GROWTH = 10;
/** The writer is emptied at this size, as a worker does it. */
const TAKE_AT = 1 << 20;

function fail(what: string): never {
  throw new Error(what);
}

/** Reads a capture through the worker's whole path and checks everything that comes out. */
export function readThrough({ frames, linkType }: Capture, redacted = true): Outcome {
  const pipeline = new Pipeline({ maxBody: MAX_BODY, redact: { enabled: redacted } });
  const packet = new Packet();
  const taken: Uint8Array[] = [];
  let count = 0;
  const take = () => {
    count += pipeline.records.count;
    taken.push(pipeline.records.take());
  };
  for (const frame of frames) {
    pipeline.packet(load(packet, frame, linkType));
    if (pipeline.records.committed > TAKE_AT) take();
  }
  pipeline.advance((frames.at(-1)?.time ?? 0) + 6_000_000);
  pipeline.finish();
  take();
  const outcome = { records: Buffer.concat(taken), counters: pipeline.counters() };
  checkOutcome(outcome, frames.length, count);
  return outcome;
}

export function checkOutcome({ records, counters }: Outcome, packets: number, count: number): void {
  const told = checkRecords(records);
  if (told.exchanges + told.connections !== count) fail(`${count} records were counted`);
  checkCounters(counters, packets);
  for (const name of ['exchanges', 'orphanAnswers', 'unansweredRequests'] as const) {
    if (counters[name] !== told[name]) fail(`${name}: counted ${counters[name]}, told ${told[name]}`);
  }
}

/** Every record can be read back, as a flow and as JSON, and what it says is possible. */
export function checkRecords(records: Uint8Array) {
  const told = { exchanges: 0, connections: 0, orphanAnswers: 0, unansweredRequests: 0 };
  const view = new RecordView();
  const end = { ip: '', port: 0, name: '' };
  const naming = { id: 'id', node: 'node', session: 'session', src: end, dst: end };
  for (let at = 0; at < records.length; at += view.length) {
    view.at(records, at);
    naming.src = { ip: view.srcIp, port: view.srcPort, name: view.srcIp };
    naming.dst = { ip: view.dstIp, port: view.dstPort, name: view.dstIp };
    if (view.kind === RecordKind.connection) {
      told.connections++;
      checkJson(toConnection(view, naming));
      continue;
    }
    told.exchanges++;
    if (!view.hasRequest) told.orphanAnswers++;
    else if (!view.hasResponse) told.unansweredRequests++;
    checkExchange(view);
    checkJson(toFlow(view, naming));
  }
  return told;
}

function checkExchange(view: RecordView): void {
  if (!view.hasRequest && !view.hasResponse) fail('an exchange of nothing');
  if (view.hasRequest && view.requestHead.end > view.requestHead.start && view.method === '')
    fail('no method');
  if (view.hasResponse && view.status > 999 && view.problem === '') fail(`status ${view.status}`);
  if (view.completeness >= 1 << COMPLETENESS.length) fail(`completeness ${view.completeness}`);
  for (const name of ['requestSize', 'responseSize', 'requestBytes', 'responseBytes', 'gapBytes'] as const) {
    const size = view[name];
    if (!(size >= 0 && Number.isSafeInteger(size))) fail(`${name} is ${size}`);
  }
  for (const { start, end } of [view.requestBody, view.responseBody]) {
    if (end - start > MAX_BODY * MAX_GROWTH) fail(`a body of ${end - start} bytes is kept`);
  }
}

/** No value gets lost or becomes null on the way through JSON, as NaN and Infinity would. */
function checkJson(value: object): void {
  if (/:(null|undefined)[,}]/.test(withoutText(JSON.stringify(value))))
    fail('a number that JSON cannot tell');
}

function withoutText(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

/** Everything counted is a whole number, each packet counts once, and nothing is left when all is over. */
export function checkCounters(counters: Record<string, number>, packets: number): void {
  for (const [name, value] of Object.entries(counters)) {
    if (!(value >= 0 && Number.isSafeInteger(value))) fail(`${name} is ${value}`);
  }
  const count = (name: string) => counters[name] ?? fail(`${name} is not counted`);
  const decided =
    count('tcp') + count('notTcp') + count('malformed') + count('headersCut') + count('unsupportedLink');
  const held = packets - decided;
  if (held < 0 || held > count('fragments')) fail(`${packets} packets, but ${decided} outcomes`);
  if (count('packets') !== count('tcp')) fail(`TCP got ${count('packets')} of ${count('tcp')} packets`);
  for (const name of ['open', 'halfOpen', 'heldBytes']) {
    if (count(name) !== 0) fail(`${name} is ${count(name)} at the end`);
  }
}
