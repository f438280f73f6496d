import { REDACTED } from '../../../flow/flow.ts';

/** Formats of JSON Schema (2020-12 §7.3) that can be known by the look. */
const FORMATS: readonly [name: string, pattern: RegExp][] = [
  ['date-time', /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/],
  ['date', /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/],
  ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i],
  ['email', /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i],
  ['uri', /^[a-z][a-z0-9+.-]*:\/\/[^\s<>"{}|\\^`]+$/i],
  ['ipv4', /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/],
];
const ALL = (1 << FORMATS.length) - 1;
/** Longer texts have none of these formats. */
const LONGEST = 2048;
const INTEGER = /^-?(0|[1-9]\d{0,14})$/;
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]?\d+)?$/;

/** What texts have in common. No text is kept. */
export class TextSketch {
  seen = 0;
  redacted = 0;
  private formats = ALL;
  private integers = 0;
  private numbers = 0;
  private booleans = 0;
  private isPlain = false;

  add(text: string): void {
    this.seen++;
    if (text.includes(REDACTED)) {
      this.redacted++;
      return;
    }
    if (INTEGER.test(text)) this.integers++;
    if (NUMBER.test(text)) this.numbers++;
    if (text === 'true' || text === 'false') this.booleans++;
    if (this.isPlain) return;
    for (const [at, [, pattern]] of FORMATS.entries()) {
      const bit = 1 << at;
      if ((this.formats & bit) !== 0 && (text.length > LONGEST || !pattern.test(text))) this.formats &= ~bit;
    }
    this.isPlain = this.formats === 0;
  }

  merge(other: TextSketch): void {
    this.seen += other.seen;
    this.redacted += other.redacted;
    this.integers += other.integers;
    this.numbers += other.numbers;
    this.booleans += other.booleans;
    this.formats &= other.formats;
    this.isPlain = this.formats === 0;
  }

  /** Of a text that is a text, as in JSON. */
  format(): string | undefined {
    if (this.seen === this.redacted) return undefined;
    return FORMATS.find((_, at) => (this.formats & (1 << at)) !== 0)?.[0];
  }

  /** Of a text that may stand for something else, as in a query. */
  schema(): Record<string, unknown> {
    const known = this.seen - this.redacted;
    const extra = this.redacted > 0 ? { 'x-remora-redacted': this.redacted } : {};
    if (known > 0 && this.integers === known) return { type: 'integer', ...extra };
    if (known > 0 && this.numbers === known) return { type: 'number', ...extra };
    if (known > 0 && this.booleans === known) return { type: 'boolean', ...extra };
    const format = this.format();
    return { type: 'string', ...(format === undefined ? {} : { format }), ...extra };
  }
}
