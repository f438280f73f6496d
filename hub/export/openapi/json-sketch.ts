import { type Budget, OPENAPI_LIMITS } from './limits.ts';
import { TextSketch } from './text-sketch.ts';

type Schema = Record<string, unknown>;

/** Names of fields that are ids: numbers, UUIDs, hashes. Stricter than of paths: `sha256` is a name. */
const ID = /^(\d+|(?=.*\d)[0-9a-f]{12,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The fields of the objects that were seen at one place. */
interface Fields {
  seen: number;
  byName: Map<string, JsonSketch>;
  /** Names that are values, as in a map by id: what stands behind them. */
  others: JsonSketch | undefined;
}

/** What JSON values have in common, as JSON Schema says it (2020-12). No value is kept. */
export class JsonSketch {
  seen = 0;
  private nulls = 0;
  private booleans = 0;
  private integers = 0;
  private numbers = 0;
  private texts: TextSketch | undefined;
  private fields: Fields | undefined;
  private arrays = 0;
  private items: JsonSketch | undefined;
  private readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** `value` comes of JSON.parse. */
  add(value: unknown, depth = 0): void {
    this.seen++;
    if (value === null) this.nulls++;
    else if (typeof value === 'boolean') this.booleans++;
    else if (typeof value === 'number') {
      if (Number.isInteger(value)) this.integers++;
      else this.numbers++;
    } else if (typeof value === 'string') {
      this.texts ??= new TextSketch();
      this.texts.add(value);
    } else if (Array.isArray(value)) this.addArray(value, depth + 1);
    else this.addObject(value as Record<string, unknown>, depth + 1);
  }

  merge(other: JsonSketch): void {
    this.seen += other.seen;
    this.nulls += other.nulls;
    this.booleans += other.booleans;
    this.integers += other.integers;
    this.numbers += other.numbers;
    this.arrays += other.arrays;
    if (other.texts !== undefined) {
      this.texts ??= new TextSketch();
      this.texts.merge(other.texts);
    }
    if (other.items !== undefined) this.itemSketch().merge(other.items);
    if (other.fields === undefined) return;
    const own = this.ownFields();
    own.seen += other.fields.seen;
    for (const [name, sketch] of other.fields.byName) this.field(own, name)?.merge(sketch);
    if (other.fields.others !== undefined) this.otherFields(own).merge(other.fields.others);
  }

  schema(): Schema {
    const types: string[] = [];
    if (this.fields !== undefined) types.push('object');
    if (this.arrays > 0) types.push('array');
    if (this.texts !== undefined) types.push('string');
    if (this.numbers > 0) types.push('number');
    else if (this.integers > 0) types.push('integer');
    if (this.booleans > 0) types.push('boolean');
    if (this.nulls > 0) types.push('null');
    return {
      ...(types.length === 0 ? {} : { type: types.length === 1 ? types[0] : types }),
      ...this.textSchema(),
      ...this.objectSchema(),
      ...(this.arrays === 0 ? {} : { items: this.items?.schema() ?? {} }),
      'x-remora-seen': this.seen,
    };
  }

  private addArray(values: readonly unknown[], depth: number): void {
    this.arrays++;
    if (depth > OPENAPI_LIMITS.depth) {
      this.budget.costs.items += values.length;
      return;
    }
    for (const value of values.slice(0, OPENAPI_LIMITS.items)) this.itemSketch().add(value, depth);
    this.budget.costs.items += Math.max(0, values.length - OPENAPI_LIMITS.items);
  }

  private addObject(value: Record<string, unknown>, depth: number): void {
    const fields = this.ownFields();
    fields.seen++;
    const entries = Object.entries(value);
    if (depth > OPENAPI_LIMITS.depth) {
      this.budget.costs.fields += entries.length;
      return;
    }
    for (const [name, one] of entries) this.field(fields, name)?.add(one, depth);
  }

  /** undefined: there is no room for it any more. */
  private field(fields: Fields, name: string): JsonSketch | undefined {
    if (fields.others !== undefined || ID.test(name)) return this.otherFields(fields);
    const known = fields.byName.get(name);
    if (known !== undefined) return known;
    if (fields.byName.size >= OPENAPI_LIMITS.fields) return this.otherFields(fields);
    if (!this.budget.takeField()) return undefined;
    const sketch = new JsonSketch(this.budget);
    fields.byName.set(name, sketch);
    return sketch;
  }

  /** Where there are too many names, or names that are ids, all of them are values. */
  private otherFields(fields: Fields): JsonSketch {
    if (fields.others === undefined) {
      fields.others = new JsonSketch(this.budget);
      for (const sketch of fields.byName.values()) fields.others.merge(sketch);
      fields.byName.clear();
    }
    return fields.others;
  }

  private ownFields(): Fields {
    this.fields ??= { seen: 0, byName: new Map(), others: undefined };
    return this.fields;
  }

  private itemSketch(): JsonSketch {
    this.items ??= new JsonSketch(this.budget);
    return this.items;
  }

  private textSchema(): Schema {
    const format = this.texts?.format();
    const redacted = this.texts?.redacted ?? 0;
    return {
      ...(format === undefined ? {} : { format }),
      ...(redacted === 0 ? {} : { 'x-remora-redacted': redacted }),
    };
  }

  private objectSchema(): Schema {
    if (this.fields === undefined) return {};
    const { byName, others, seen } = this.fields;
    if (others !== undefined) return { additionalProperties: others.schema() };
    const names = [...byName.keys()].sort();
    const required = names.filter((name) => byName.get(name)?.seen === seen);
    return {
      ...(names.length === 0
        ? {}
        : { properties: Object.fromEntries(names.map((name) => [name, byName.get(name)?.schema()])) }),
      ...(required.length === 0 ? {} : { required }),
    };
  }
}
