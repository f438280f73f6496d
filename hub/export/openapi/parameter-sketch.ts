import { type Budget, OPENAPI_LIMITS } from './limits.ts';
import { TextSketch } from './text-sketch.ts';

type Json = Record<string, unknown>;

interface Parameter {
  /** In how many requests. */
  seen: number;
  repeated: boolean;
  values: TextSketch;
}

/** Names and values in a query, in a form or among the header fields. */
export class ParameterSketch {
  private seen = 0;
  private readonly byName = new Map<string, Parameter>();
  private readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** Those of one request. */
  add(values: Readonly<Record<string, string | readonly string[]>>): void {
    this.seen++;
    for (const [name, value] of Object.entries(values)) {
      const parameter = this.parameter(name);
      if (parameter === undefined) continue;
      parameter.seen++;
      const all = typeof value === 'string' ? [value] : value;
      parameter.repeated ||= all.length > 1;
      for (const one of all) parameter.values.add(one);
    }
  }

  merge(other: ParameterSketch): void {
    this.seen += other.seen;
    for (const [name, { seen, repeated, values }] of other.byName) {
      const parameter = this.parameter(name);
      if (parameter === undefined) continue;
      parameter.seen += seen;
      parameter.repeated ||= repeated;
      parameter.values.merge(values);
    }
  }

  /** Parameter Objects (OpenAPI 3.1 §4.8.12), by name. */
  build(place: 'query' | 'header'): Json[] {
    return this.sorted().map(([name, parameter]) => ({
      name,
      in: place,
      ...(parameter.seen === this.seen ? { required: true } : {}),
      schema: schemaOf(parameter),
      'x-remora-seen': parameter.seen,
    }));
  }

  /** Of one of them. */
  schemaOf(name: string): Json {
    const parameter = this.byName.get(name);
    return parameter === undefined ? { type: 'string' } : schemaOf(parameter);
  }

  /** All of them as an object: a form. */
  schema(): Json {
    const sorted = this.sorted();
    const required = sorted.filter(([, { seen }]) => seen === this.seen).map(([name]) => name);
    const properties = sorted.map(([name, parameter]) => [
      name,
      { ...schemaOf(parameter), 'x-remora-seen': parameter.seen },
    ]);
    return {
      type: 'object',
      ...(sorted.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
      ...(required.length === 0 ? {} : { required }),
    };
  }

  private sorted(): [string, Parameter][] {
    return [...this.byName].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  private parameter(name: string): Parameter | undefined {
    let parameter = this.byName.get(name);
    if (parameter === undefined) {
      if (this.byName.size >= OPENAPI_LIMITS.parameters) {
        this.budget.costs.parameters++;
        return undefined;
      }
      parameter = { seen: 0, repeated: false, values: new TextSketch() };
      this.byName.set(name, parameter);
    }
    return parameter;
  }
}

function schemaOf({ repeated, values }: Parameter): Json {
  return repeated ? { type: 'array', items: values.schema() } : values.schema();
}
