import { formatAddress } from '../address.ts';
import { bytesToText } from '../text.ts';
import { findField } from './head.ts';
import {
  CLOSE_REASONS,
  Common,
  ConnectionLayout,
  MAX_RECORD,
  PartFlag,
  PROTOCOLS,
  RECORD_VERSION,
  RecordError,
  RecordKind,
  ExchangeLayout as X,
} from './layout.ts';

/** One of the variable parts: a range of the view's bytes. */
export interface Range {
  start: number;
  end: number;
}

/** Reads a record in place: getters, nothing decoded until asked. One view can be pointed at record after record. */
export class RecordView {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  #data: DataView = new DataView(new ArrayBuffer(0));
  #base = 0;

  /** Length of the record at `offset`; throws RecordError if there is none whole. */
  static lengthAt(bytes: Uint8Array, offset: number): number {
    if (offset + Common.end > bytes.length) throw new RecordError('too short');
    const length =
      bytes[offset] | (bytes[offset + 1] << 8) | (bytes[offset + 2] << 16) | (bytes[offset + 3] << 24);
    if (length < Common.end || length > MAX_RECORD) throw new RecordError(`length ${length}`);
    if (offset + length > bytes.length) throw new RecordError('cut off');
    return length;
  }

  /** Points the view at the record at `offset` of `bytes` after checking its lengths. Throws RecordError. */
  at(bytes: Uint8Array, offset: number): this {
    const length = RecordView.lengthAt(bytes, offset);
    if (this.bytes !== bytes) {
      this.bytes = bytes;
      this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.offset = offset;
    this.#base = offset;
    const version = this.u8(Common.version);
    if (version !== RECORD_VERSION)
      throw new RecordError(`version ${version}, this program reads ${RECORD_VERSION}`);
    if (this.kind === RecordKind.exchange) {
      if (length < X.end || this.hops.end !== offset + length) {
        throw new RecordError('its parts do not add up');
      }
    } else if (this.kind === RecordKind.connection) {
      if (length !== ConnectionLayout.end + this.u16(ConnectionLayout.serverNameLength)) {
        throw new RecordError(`connection of ${length} bytes`);
      }
    } else {
      throw new RecordError(`kind ${this.kind}`);
    }
    return this;
  }

  u8(at: number): number {
    return this.bytes[this.#base + at];
  }
  u16(at: number): number {
    return this.#data.getUint16(this.#base + at, true);
  }
  u32(at: number): number {
    return this.#data.getUint32(this.#base + at, true);
  }
  i32(at: number): number {
    return this.#data.getInt32(this.#base + at, true);
  }
  f64(at: number): number {
    return this.#data.getFloat64(this.#base + at, true);
  }

  get kind(): number {
    return this.u8(Common.kind);
  }
  get length(): number {
    return this.u32(Common.length);
  }
  /** µs since the epoch. */
  get time(): number {
    return this.f64(Common.time);
  }
  get protocol(): string {
    return PROTOCOLS[this.u8(Common.protocol)] ?? 'unknown';
  }
  get protocolVersion(): string {
    const version = this.u8(Common.protocolVersion);
    return `${Math.floor(version / 10)}.${version % 10}`;
  }
  get srcIp(): string {
    return formatAddress(this.bytes, this.#base + Common.src);
  }
  get dstIp(): string {
    return formatAddress(this.bytes, this.#base + Common.dst);
  }
  get srcPort(): number {
    return this.u16(Common.srcPort);
  }
  get dstPort(): number {
    return this.u16(Common.dstPort);
  }
  /** Number of the connection within the worker's session. */
  get connection(): number {
    return this.u32(Common.connection);
  }

  /** Whether it is a connection that its server refused: its SYN was answered by a RST. */
  get isRefused(): boolean {
    return (
      this.kind === RecordKind.connection &&
      CLOSE_REASONS[this.u8(ConnectionLayout.closeReason)] === 'refused'
    );
  }

  /** Of a connection: the name that its client asked for by TLS, or ''. */
  get serverName(): string {
    const start = this.#base + ConnectionLayout.end;
    return bytesToText(this.bytes, start, start + this.u16(ConnectionLayout.serverNameLength));
  }

  get hasRequest(): boolean {
    return (this.u8(X.parts) & PartFlag.request) !== 0;
  }
  get hasResponse(): boolean {
    return (this.u8(X.parts) & PartFlag.response) !== 0;
  }
  /** Request's first byte to answer's last byte, µs; NaN unless both were seen. */
  get elapsed(): number {
    return this.hasRequest && this.hasResponse ? this.f64(X.responseEnd) - this.time : Number.NaN;
  }
  /** Request's last byte to answer's first, µs; NaN unless both were seen. 0 where the answer did not wait for the end. */
  get serverSpan(): number {
    if (!this.hasRequest || !this.hasResponse) return Number.NaN;
    return Math.max(0, this.f64(X.responseStart) - this.f64(X.requestEnd));
  }
  get status(): number {
    return this.u16(X.status);
  }
  get completeness(): number {
    return this.u16(X.completeness);
  }
  get gapBytes(): number {
    return this.f64(X.gapBytes);
  }
  get redacted(): number {
    return this.u32(X.redacted);
  }
  /** The spans of timing that the hub took from several observations of the exchange, µs; undefined: there is this one only. */
  get observed(): { server: number; wholeAtServer: number; wholeAtClient: number } | undefined {
    if ((this.u8(X.parts) & PartFlag.observed) === 0) return undefined;
    return {
      server: this.f64(X.serverSpan),
      wholeAtServer: this.f64(X.wholeAtServer),
      wholeAtClient: this.f64(X.wholeAtClient),
    };
  }
  /** Bytes on the wire. */
  get requestBytes(): number {
    return this.f64(X.requestWire);
  }
  get responseBytes(): number {
    return this.f64(X.responseWire);
  }
  /** Octets of content. */
  get requestSize(): number {
    return this.f64(X.requestSize);
  }
  get responseSize(): number {
    return this.f64(X.responseSize);
  }
  get method(): string {
    const start = this.#base + X.end;
    return bytesToText(this.bytes, start, start + this.u16(X.methodLength));
  }
  /** The request-target as sent. */
  get target(): string {
    const start = this.#base + X.end + this.u16(X.methodLength) + 1;
    return this.hasRequest ? bytesToText(this.bytes, start, start + this.u32(X.targetLength)) : '';
  }
  /** The target without scheme and authority: path and query. */
  get path(): string {
    const target = this.target;
    const scheme = target.indexOf('://');
    if (scheme <= 0 || target.startsWith('/')) return target;
    const slash = target.indexOf('/', scheme + 3);
    return slash < 0 ? '/' : target.slice(slash);
  }
  /** The path component of the target (RFC 9110 §4.1): no query, and '' for CONNECT. */
  get pathComponent(): string {
    if (this.method === 'CONNECT') return '';
    const { path } = this;
    const question = path.indexOf('?');
    return question < 0 ? path : path.slice(0, question);
  }
  /** The Host field's value, or ''. */
  get host(): string {
    return this.#field(this.requestHead, 'host');
  }
  /** The User-Agent field's value, or ''. */
  get userAgent(): string {
    return this.#field(this.requestHead, 'user-agent');
  }
  /** Media type of the answer (of the request where there is none), without parameters, lower case. */
  get mime(): string {
    const type = this.#field(this.hasResponse ? this.responseHead : this.requestHead, 'content-type');
    const end = type.indexOf(';');
    return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
  }
  get reason(): string {
    const start = this.responseHead.start + this.u16(X.reasonStart);
    return bytesToText(this.bytes, start, start + this.u16(X.reasonLength));
  }
  /** See DESIGN: sequence numbers survive NAT, so these positions name an exchange wherever it is seen. */
  get fingerprint(): string {
    const request = this.hasRequest ? hex32(this.i32(X.requestSeq)) : '-';
    const response = this.hasResponse ? hex32(this.i32(X.responseSeq)) : '-';
    return `${request}.${response}.${this.requestBytes.toString(16)}`;
  }

  get requestHead(): Range {
    const start = this.#base + X.end;
    return { start, end: start + this.u32(X.requestHeadLength) };
  }
  get requestTrailers(): Range {
    const start = this.requestHead.end;
    return { start, end: start + this.u32(X.requestTrailersLength) };
  }
  get requestBody(): Range {
    const start = this.requestTrailers.end;
    return { start, end: start + this.u32(X.requestBodyLength) };
  }
  get responseHead(): Range {
    const start = this.requestBody.end;
    return { start, end: start + this.u32(X.responseHeadLength) };
  }
  get responseTrailers(): Range {
    const start = this.responseHead.end;
    return { start, end: start + this.u32(X.responseTrailersLength) };
  }
  get responseBody(): Range {
    const start = this.responseTrailers.end;
    return { start, end: start + this.u32(X.responseBodyLength) };
  }
  get interim(): number[] {
    const start = this.responseBody.end - this.#base;
    return Array.from({ length: this.u8(X.interimCount) }, (_, n) => this.u16(start + 2 * n));
  }
  get problem(): string {
    const start = this.#problemStart();
    return bytesToText(this.bytes, start, start + this.u16(X.problemLength));
  }

  /** JSON of Flow.hops; empty where there are none. */
  get hops(): Range {
    const start = this.#problemStart() + this.u16(X.problemLength);
    return { start, end: start + this.u32(X.hopsLength) };
  }
  /** The value of a field of the request's head (name in lower case), or ''. */
  requestField(name: string): string {
    return this.hasRequest ? this.#field(this.requestHead, name) : '';
  }

  #field(head: Range, name: string): string {
    const range = findField(this.bytes, head.start, head.end, name);
    return range === undefined ? '' : bytesToText(this.bytes, range.start, range.end);
  }

  #problemStart(): number {
    return this.responseBody.end + 2 * this.u8(X.interimCount);
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
