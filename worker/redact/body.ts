import { isUtf8 } from 'node:buffer';
import { wordsOf } from '../../flow/copy.ts';
import type { WithheldReason } from '../../flow/flow.ts';
import { BodyFinder } from './body-finder.ts';
import { characterBoundary, isKnownCharset, toUtf8 } from './charset.ts';
import { Content, type ContentLimits, decodeContent } from './content.ts';
import { Finder } from './finder.ts';
import { Json } from './json.ts';
import { isShowable, looksBinary } from './magic.ts';
import { type MediaType, MediaTypes, UNDECLARED } from './media.ts';
import { OPEN_BRACE, OPEN_BRACKET } from './octets.ts';
import type { Policy } from './policy.ts';
import { Spans } from './spans.ts';

/** The body of one message, as the dissector left it: transfer coding undone, content coding not. Used again. */
export class BodySource {
  /** Holds the body in `[start, end)` and the values of the two fields; an empty range: no such field. */
  bytes: Uint8Array = new Uint8Array(0);
  /** `bytes` by words. */
  words: DataView = wordsOf(this.bytes);
  start = 0;
  end = 0;
  typeStart = 0;
  typeEnd = 0;
  encodingStart = 0;
  encodingEnd = 0;
  /** True size of the content; larger than `end - start` where not all was kept or captured. */
  size = 0;
  /** False: the body goes on behind `end` (cut off, not kept). */
  complete = true;
  /** Octets inside `[start, end)` were never captured: what follows cannot be told for sure, so nothing is shown. */
  gap = false;

  /** The bytes that the offsets are of. */
  hold(bytes: Uint8Array, words: DataView = wordsOf(bytes)): void {
    this.bytes = bytes;
    this.words = words;
  }
}

/** A body fit to be shown once `spans` are applied. Valid until the next one is asked for. */
export class RedactedBody {
  kind: 'none' | 'text' | 'base64' | 'withheld' = 'none';
  /** Why, where it is withheld. */
  reason: WithheldReason | undefined;
  /** What to show: `data[start, end)`, UTF-8 where `kind` is `text`. */
  data: Uint8Array = new Uint8Array(0);
  /** `data` by words. */
  words: DataView = wordsOf(this.data);
  start = 0;
  end = 0;
  /** `type/subtype`, lower case; empty if not declared. */
  mime = '';
  /** Octets once the content coding was undone; -1: not known, or there was no coding. */
  decodedSize = -1;
  /** How many octets are left out; at least 1 where it is only known that some are. */
  truncated = 0;
  readonly spans = new Spans();
}

export interface BodyOptions {
  /** At most this many octets of a (decoded) body are shown. */
  readonly maxBody: number;
}

/** How much more than what is shown is read, so that a secret at the edge is seen whole. */
const LOOKAHEAD = 4096;
const OUTPUT_PER_SHOWN = 4;
const MAX_RATIO = 200;
const MAX_CODINGS = 3;

/** Bodies: decoded, in UTF-8, searched for secrets, cut to size; or withheld, when any of that cannot be done. */
export class BodyRedactor {
  readonly #policy: Policy;
  readonly #maxBody: number;
  readonly #limits: ContentLimits;
  readonly #media = new MediaTypes();
  readonly #content = new Content();
  readonly #body = new RedactedBody();
  readonly #finder: Finder;
  readonly #bodies: BodyFinder;

  constructor(policy: Policy, options: BodyOptions) {
    this.#policy = policy;
    this.#maxBody = options.maxBody;
    this.#limits = {
      maxOutput: Math.max(options.maxBody * OUTPUT_PER_SHOWN, options.maxBody + LOOKAHEAD),
      maxRatio: MAX_RATIO,
      maxCodings: MAX_CODINGS,
    };
    this.#finder = new Finder(policy, this.#body.spans);
    this.#bodies = new BodyFinder(this.#finder, this.#media);
  }

  redact(source: BodySource): RedactedBody {
    const body = this.#body;
    const content = this.#content;
    body.spans.clear();
    body.reason = undefined;
    body.decodedSize = -1;
    body.truncated = 0;
    const media = this.#media.at(source.bytes, source.typeStart, source.typeEnd);
    body.mime = media.mime;
    if (source.end === source.start) return this.#empty(source);
    if (source.gap) return this.#withhold('gap');
    this.#finder.words.know(source.bytes, source.words);
    if (source.encodingEnd === source.encodingStart) {
      content.set(source.bytes, source.start, source.end, source.complete);
    } else this.#decode(source);
    if (content.problem !== undefined) return this.#withhold(content.problem);
    if (this.#text(media)) this.#cut(source, true);
    else if (body.kind === 'base64') this.#cut(source, false);
    return body;
  }

  #empty(source: BodySource): RedactedBody {
    const body = this.#body;
    body.kind = 'none';
    body.start = body.end = 0;
    body.truncated = source.size;
    if (source.gap) return this.#withhold('gap');
    return body;
  }

  #decode(source: BodySource): void {
    const { bytes, encodingStart, encodingEnd } = source;
    const content = this.#content;
    const codings = String.fromCharCode(
      ...bytes.subarray(encodingStart, Math.min(encodingEnd, encodingStart + 256)),
    );
    decodeContent(content, bytes, source.start, source.end, source.complete, codings, this.#limits);
    if (content.problem === undefined && content.data !== bytes && content.whole) {
      this.#body.decodedSize = content.end - content.start;
    }
  }

  /** Whether it is text, searched. Else `kind` says what it is. */
  #text(media: MediaType): boolean {
    const { data, start, end } = this.#content;
    const { enabled } = this.#policy;
    if (media.kind === 'image' || media.kind === 'font') {
      if (!enabled || isShowable(media.kind, data, start, end)) this.#show('base64', data, start, end);
      else this.#withhold('binary');
      return false;
    }
    if (media.kind === 'binary') {
      if (enabled) this.#withhold('binary');
      else this.#show('base64', data, start, end);
      return false;
    }
    const readEnd = Math.min(end, start + this.#maxBody + LOOKAHEAD);
    const open = readEnd < end || !this.#content.whole;
    if (enabled && media.kind === 'multipart') return this.#multipart(media, data, start, readEnd, open);
    if (enabled && this.#json(media, data, start, readEnd, open)) return true;
    const text = toUtf8(data, start, readEnd, media, open);
    if (text === undefined || looksBinary(text.data, text.start, text.end)) {
      if (enabled) this.#withhold(this.#unreadable(media));
      else this.#show('base64', data, start, end);
      return false;
    }
    if (enabled) this.#bodies.find(media, text.data, text.start, text.end, open);
    this.#show('text', text.data, text.start, text.end);
    return true;
  }

  /** The usual case, with no second look at its octets: JSON that is ASCII, which the finder sees to as it goes. */
  #json(media: MediaType, data: Uint8Array, start: number, end: number, open: boolean): boolean {
    const looksJson = data[start] === OPEN_BRACE || data[start] === OPEN_BRACKET;
    if (!looksJson || !(media.charset === '' || media.charset === 'utf-8')) return false;
    const json = this.#finder.json(data, start, end, open);
    const textEnd = json === Json.unicode && open ? characterBoundary(data, start, end) : end;
    if (json === Json.ascii || (json === Json.unicode && isUtf8(data.subarray(start, textEnd)))) {
      this.#show('text', data, start, textEnd);
      return true;
    }
    this.#body.spans.clear();
    return false;
  }

  /** Parts that are no text are redacted; what is left must be UTF-8. */
  #multipart(media: MediaType, data: Uint8Array, start: number, end: number, open: boolean): boolean {
    const { spans } = this.#body;
    this.#bodies.find(media, data, start, end, open);
    let from = start;
    for (let i = 0; i <= spans.count; i++) {
      const to = i < spans.count ? spans.starts[i] : open ? characterBoundary(data, from, end) : end;
      if (!isUtf8(data.subarray(from, to))) {
        this.#withhold('undecodable');
        return false;
      }
      from = i < spans.count ? spans.ends[i] : to;
    }
    this.#show('text', data, start, from);
    return true;
  }

  #unreadable(media: MediaType): WithheldReason {
    const { data, start, end } = this.#content;
    if (looksBinary(data, start, end) || media === UNDECLARED) return 'binary';
    return media.charset !== '' && !isKnownCharset(media.charset) ? 'unsupported-encoding' : 'undecodable';
  }

  #show(kind: 'text' | 'base64', data: Uint8Array, start: number, end: number): void {
    const body = this.#body;
    body.kind = kind;
    body.data = data;
    body.words = this.#finder.words.of(data);
    body.start = start;
    body.end = end;
  }

  /** Cuts to what is shown, spans too, and counts what is left out. */
  #cut(source: BodySource, text: boolean): void {
    const body = this.#body;
    const content = this.#content;
    const { spans } = body;
    const readEnd = body.end;
    const limit = body.start + this.#maxBody;
    if (body.end > limit) {
      body.end = text ? characterBoundary(body.data, body.start, limit) : limit;
      while (spans.count > 0 && spans.starts[spans.count - 1] >= body.end) spans.count--;
      const last = spans.count - 1;
      if (last >= 0 && spans.ends[last] > body.end) spans.ends[last] = body.end;
    }
    const size = content.data === source.bytes ? source.size : content.end - content.start;
    const everything = content.whole && body.end === readEnd;
    body.truncated = everything ? 0 : Math.max(size - (body.end - body.start), 1);
  }

  #withhold(reason: WithheldReason): RedactedBody {
    const body = this.#body;
    body.kind = 'withheld';
    body.reason = reason;
    body.start = body.end = 0;
    body.spans.clear();
    return body;
  }
}
