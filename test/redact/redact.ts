import { wordsOf } from '../../flow/copy.ts';
import { writeRedacted } from '../../worker/redact/apply.ts';
import { BodyRedactor, BodySource, type RedactedBody } from '../../worker/redact/body.ts';
import { Finder } from '../../worker/redact/finder.ts';
import { createPolicy, type Policy } from '../../worker/redact/policy.ts';
import type { Spans } from '../../worker/redact/spans.ts';

/** Short ways to redact strings, for tests. */

const policy = createPolicy();
/** Longer than any replacement makes a text in these tests. */
const ROOM = 64;

export function apply(data: Uint8Array, start: number, end: number, spans: Spans): Buffer {
  const target = Buffer.alloc(end - start + (spans.count + 1) * ROOM);
  return target.subarray(
    0,
    writeRedacted(target, wordsOf(target), 0, data, wordsOf(data), start, end, spans),
  );
}

export function redactHeader(name: string, value: string): string {
  const data = Buffer.from(`${name}:${value}`, 'latin1');
  const finder = new Finder(policy);
  const from = Buffer.byteLength(name) + 1;
  finder.header(data, 0, from - 1, from, data.length);
  return apply(data, from, data.length, finder.spans).toString('latin1');
}

export function redactTarget(target: string): string {
  const data = Buffer.from(target, 'latin1');
  const finder = new Finder(policy);
  finder.target(data, 0, data.length);
  return apply(data, 0, data.length, finder.spans).toString('latin1');
}

export function redactText(text: string, open = false): string {
  const data = Buffer.from(text);
  const finder = new Finder(policy);
  finder.text(data, 0, data.length, open);
  return apply(data, 0, data.length, finder.spans).toString();
}

export interface BodyCase {
  readonly encoding?: string;
  readonly complete?: boolean;
  readonly gap?: boolean;
  readonly maxBody?: number;
  readonly policy?: Policy;
}

export function bodyOf(type: string, content: string | Uint8Array, options: BodyCase = {}): RedactedBody {
  const head = [Buffer.from(type), Buffer.from(options.encoding ?? '')];
  const body = Buffer.from(content);
  const source = new BodySource();
  source.hold(Buffer.concat([...head, body]));
  source.typeEnd = source.encodingStart = head[0].length;
  source.encodingEnd = source.start = head[0].length + head[1].length;
  source.end = source.bytes.length;
  source.size = body.length;
  source.complete = options.complete ?? true;
  source.gap = options.gap ?? false;
  return new BodyRedactor(options.policy ?? policy, { maxBody: options.maxBody ?? 65_536 }).redact(source);
}

/** What of a body would be shown; `<withheld: why>` where nothing is. */
export function redactBody(type: string, content: string | Uint8Array, options: BodyCase = {}): string {
  const body = bodyOf(type, content, options);
  if (body.kind === 'withheld') return `<withheld: ${body.reason}>`;
  return apply(body.data, body.start, body.end, body.spans).toString(
    body.kind === 'base64' ? 'base64' : 'utf8',
  );
}
