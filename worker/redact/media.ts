/** What a Content-Type says about how to find secrets in a body (RFC 9110 §8.3). */

export type MediaKind =
  | 'json'
  | 'form'
  | 'multipart'
  | 'markup'
  | 'csv'
  | 'text'
  | 'image'
  | 'font'
  /** Known not to be text. */
  | 'binary'
  /** Not declared, or nothing known of it: the content decides. */
  | 'unknown';

export interface MediaType {
  readonly kind: MediaKind;
  /** `type/subtype`, lower case; empty if not declared. */
  readonly mime: string;
  /** Lower case; empty if not declared. */
  readonly charset: string;
  /** Of multipart. */
  readonly boundary: string;
}

export const UNDECLARED: MediaType = { kind: 'unknown', mime: '', charset: '', boundary: '' };

const KINDS: readonly (readonly [pattern: RegExp, kind: MediaKind])[] = [
  [/[/+](x-)?(nd)?json(-seq|l|lines)?$|^application\/(stream\+json|csp-report|reports\+json)$/, 'json'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^multipart\//, 'multipart'],
  [/[/+](xml|html)$|^application\/xml-/, 'markup'],
  [/^text\/(csv|tab-separated-values)$/, 'csv'],
  [/^text\//, 'text'],
  [/^image\//, 'image'],
  [/^font\/|^application\/(x-)?font-/, 'font'],
  [/^(audio|video|model)\//, 'binary'],
  [
    /octet|proto|grpc|thrift|msgpack|cbor|bson|avro|parquet|arrow|wasm|pdf|zip|gzip|x-tar|zstd|7z|rar/,
    'binary',
  ],
  [/ms-?excel|msword|officedocument|opendocument|java-|pkcs|pkix|pgp|ocsp|timestamp-|sqlite|dicom/, 'binary'],
];

/** Distinct values are few; a sender of many makes the table begin anew. */
const MAX_REMEMBERED = 256;
const MAX_LENGTH = 1024;

/** Reads Content-Type values, each distinct one once. */
export class MediaTypes {
  readonly #known = new Map<string, MediaType>();
  /** The last one asked for, so that the usual case needs no string. */
  #lastBytes = new Uint8Array(0);
  #last = UNDECLARED;

  at(data: Uint8Array, start: number, end: number): MediaType {
    if (end <= start) return UNDECLARED;
    if (this.#isLast(data, start, end)) return this.#last;
    const bytes = data.slice(start, Math.min(end, start + MAX_LENGTH));
    const text = String.fromCharCode(...bytes);
    let media = this.#known.get(text);
    if (media === undefined) {
      if (this.#known.size === MAX_REMEMBERED) this.#known.clear();
      media = parseMediaType(text);
      this.#known.set(text, media);
    }
    this.#lastBytes = bytes;
    this.#last = media;
    return media;
  }

  #isLast(data: Uint8Array, start: number, end: number): boolean {
    const last = this.#lastBytes;
    if (last.length !== end - start) return false;
    for (let i = 0; i < last.length; i++) if (last[i] !== data[start + i]) return false;
    return true;
  }
}

export function parseMediaType(text: string): MediaType {
  const mime = (/^[^;,]*/.exec(text)?.[0] ?? '').trim().toLowerCase();
  if (mime === '') return UNDECLARED;
  const kind = KINDS.find(([pattern]) => pattern.test(mime))?.[1] ?? 'unknown';
  return {
    kind,
    mime,
    charset: parameter(text, 'charset').toLowerCase(),
    boundary: parameter(text, 'boundary'),
  };
}

/** RFC 9110 §5.6.6: `; name=token` or `; name="quoted"`. */
export function parameter(text: string, name: string): string {
  const match = new RegExp(
    `;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"?|'([^']*)'|([^\\s;,]*))`,
    'i',
  ).exec(text);
  return (match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2] ?? match?.[3] ?? '').trim();
}
