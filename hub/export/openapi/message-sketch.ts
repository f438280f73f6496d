import type { Body } from '../../../flow/flow.ts';
import { parseQuery } from '../../../flow/query.ts';
import { JsonSketch } from './json-sketch.ts';
import { type Budget, OPENAPI_LIMITS } from './limits.ts';
import { ParameterSketch } from './parameter-sketch.ts';

type Json = Record<string, unknown>;

/** The contents of one media type. */
class ContentSketch {
  seen = 0;
  private json: JsonSketch | undefined;
  private form: ParameterSketch | undefined;
  private isText = true;
  private readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  add(mime: string, { text, truncated }: Body): void {
    this.seen++;
    if (text === undefined) this.isText = false;
    const isJson = /^[^;]*[/+]json$/.test(mime);
    if (!isJson && mime !== 'application/x-www-form-urlencoded') return;
    if (text === undefined || truncated !== undefined || text.length > OPENAPI_LIMITS.bodyBytes) {
      this.budget.costs.bodies++;
    } else if (isJson) this.addJson(text);
    else {
      this.form ??= new ParameterSketch(this.budget);
      this.form.add(parseQuery(text));
    }
  }

  merge(other: ContentSketch): void {
    this.seen += other.seen;
    this.isText &&= other.isText;
    if (other.json !== undefined) {
      this.json ??= new JsonSketch(this.budget);
      this.json.merge(other.json);
    }
    if (other.form !== undefined) {
      this.form ??= new ParameterSketch(this.budget);
      this.form.merge(other.form);
    }
  }

  build(): Json {
    const own = this.json?.schema() ?? this.form?.schema() ?? (this.isText ? { type: 'string' } : {});
    return { schema: own, 'x-remora-seen': this.seen };
  }

  private addJson(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.budget.costs.bodies++;
      return;
    }
    this.json ??= new JsonSketch(this.budget);
    this.json.add(value);
  }
}

/** The bodies of a request, or of the answers with one status, by media type. */
export class MessageSketch {
  seen = 0;
  private bodies = 0;
  private readonly contents = new Map<string, ContentSketch>();
  private readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  add(body: Body | undefined): void {
    this.seen++;
    if (body === undefined) return;
    this.bodies++;
    const mime = mediaType(body.mime);
    this.content(mime)?.add(mime, body);
  }

  merge(other: MessageSketch): void {
    this.seen += other.seen;
    this.bodies += other.bodies;
    for (const [mime, content] of other.contents) this.content(mime)?.merge(content);
  }

  /** Whether all of them had a body. */
  get isRequired(): boolean {
    return this.seen > 0 && this.bodies === this.seen;
  }

  /** The Media Type Objects; undefined: there was no body. */
  build(): Json | undefined {
    if (this.contents.size === 0) return undefined;
    const sorted = [...this.contents].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([mime, content]) => [mime, content.build()]));
  }

  private content(mime: string): ContentSketch | undefined {
    let content = this.contents.get(mime);
    if (content === undefined) {
      if (this.contents.size >= OPENAPI_LIMITS.mediaTypes) {
        this.budget.costs.answers++;
        return undefined;
      }
      content = new ContentSketch(this.budget);
      this.contents.set(mime, content);
    }
    return content;
  }
}

/** Without parameters; what is none is unknown (RFC 9110 §8.3.1). */
function mediaType(text: string): string {
  const type = text.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) ? type : 'application/octet-stream';
}
