import type { EndpointSummary, Summary } from '../../../flow/api.ts';
import { hasFailed } from '../../../flow/failed.ts';
import { statusClass } from '../../../flow/fields.ts';
import { COMPLETENESS, type Endpoint } from '../../../flow/flow.ts';
import { pathTemplate } from '../../../flow/path-template.ts';
import { formatTime } from '../../../flow/time.ts';
import { BUCKETS, bucketOf, percentiles, upperBound } from '../rollup/histogram.ts';

/** Stretches of a timeline. */
export const MAX_STRETCHES = 120;
/** Values counted of one field, endpoints, and templates remembered; what comes beyond counts as one more value, `…`. */
export const MAX_VALUES = 5000;
/** Of each of them the answer has so many. */
const SHOWN_VALUES = 12;
const SHOWN_ENDPOINTS = 50;
const OTHERS = '…';

/** What a summary asks of a flow. */
export interface SummarisedFlow {
  /** µs. */
  time: number;
  src: Pick<Endpoint, 'name' | 'namespace'>;
  dst: Pick<Endpoint, 'name' | 'namespace'>;
  node: string;
  protocol: string;
  method: string;
  /** As flow/fields.ts says: the server's address where the request names none. */
  host: string;
  /** Without the query. */
  path: string;
  /** 0: no answer. */
  status: number;
  /** µs; null where not both ends were seen. */
  elapsed: number | null;
  /** Bit n: COMPLETENESS[n]. */
  completeness: number;
}

/** Stretches of a timeline: the start of the first and the length of each, µs. */
export interface Scale {
  start: number;
  length: number;
}

/** Flows that a timeline does not tell apart. */
export interface Tally {
  /** Number of its stretch. */
  stretch: number;
  /** 0: no answer. */
  status: number;
  /** 0: the request was not seen. */
  asked: number;
  count: number;
}

interface Facet {
  /** As flow/fields.ts calls it. */
  field: string;
  /** What is counted of each flow. */
  read: (flow: SummarisedFlow) => string | number;
  /** The values that what was counted stands for, where it is not the value itself. */
  values?: (counted: string | number) => string[];
}

const status = (flow: SummarisedFlow): number => flow.status;
const path = (flow: SummarisedFlow): string => flow.path;

const FACETS: readonly Facet[] = [
  { field: 'status_class', read: status, values: (code) => [statusClass(Number(code))] },
  { field: 'status_code', read: status },
  { field: 'method', read: (flow) => flow.method },
  { field: 'host', read: (flow) => flow.host },
  { field: 'path_template', read: path, values: (one) => [one === OTHERS ? OTHERS : pathTemplate(`${one}`)] },
  { field: 'path', read: path },
  { field: 'src.name', read: (flow) => flow.src.name },
  { field: 'src.namespace', read: (flow) => flow.src.namespace ?? '' },
  { field: 'dst.name', read: (flow) => flow.dst.name },
  { field: 'dst.namespace', read: (flow) => flow.dst.namespace ?? '' },
  { field: 'completeness', read: (flow) => flow.completeness, values: completenessOf },
  { field: 'protocol', read: (flow) => flow.protocol },
  { field: 'node_name', read: (flow) => flow.node },
];

/** How far a summary has got. */
export interface Looked {
  scanned: number;
  since: number;
  detailedSince?: number;
}

class CountedEndpoint {
  count = 0;
  errors = 0;
  readonly latencies = new Uint32Array(BUCKETS);
}

/** Counts flows one by one; bounded in memory whatever they are. */
export class SummaryBuilder {
  readonly #from: number;
  readonly #to: number;
  readonly #length: number;
  readonly #timeline: Uint32Array;
  readonly #latencies = new Uint32Array(BUCKETS);
  /** One a thing that is read: two facets may tell the same in two ways. */
  readonly #counted = [...new Set(FACETS.map(({ read }) => read))].map((read) => ({
    read,
    counts: new Map<string | number, number>(),
  }));
  readonly #endpoints = new Map<string, CountedEndpoint>();
  readonly #templates = new Map<string, string>();
  #count = 0;
  #errors = 0;
  #detailed = 0;

  /** [from, to), µs. */
  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    this.#length = Math.max(1, Math.ceil((to - from) / MAX_STRETCHES));
    this.#timeline = new Uint32Array(Math.ceil((to - from) / this.#length) * 6);
  }

  get scale(): Scale {
    return { start: this.#from, length: this.#length };
  }

  add(flow: SummarisedFlow): void {
    const { time, status, method } = flow;
    const stretch = Math.floor((time - this.#from) / this.#length);
    this.tally({ stretch, status, asked: Number(method !== ''), count: 1 });
    this.detail(flow);
  }

  /** Counts flows for the timeline alone. */
  tally({ stretch, status, asked, count }: Tally): void {
    this.#count += count;
    if (hasFailed(status, asked !== 0)) this.#errors += count;
    const statusClass = status >= 100 && status < 600 ? Math.floor(status / 100) : 0;
    this.#timeline[stretch * 6 + statusClass] += count;
  }

  /** Counts a flow for all but the timeline. */
  detail(flow: SummarisedFlow): void {
    const { status, elapsed, method } = flow;
    const isError = hasFailed(status, method !== '');
    this.#detailed++;
    for (const { read, counts } of this.#counted) increase(counts, read(flow));
    const endpoint = this.#endpoint(flow);
    endpoint.count++;
    if (isError) endpoint.errors++;
    if (elapsed === null) return;
    const bucket = bucketOf(elapsed);
    this.#latencies[bucket]++;
    endpoint.latencies[bucket]++;
  }

  /** µs: from where on flows were counted, and from where on in detail. */
  build({ scanned, since, detailedSince = since }: Looked): Summary {
    return {
      from: formatTime(this.#from),
      to: formatTime(this.#to),
      count: this.#count,
      scanned,
      partial: since > this.#from,
      since: formatTime(Math.max(since, this.#from)),
      detailed: { count: this.#detailed, since: formatTime(Math.max(detailedSince, this.#from)) },
      errors: this.#errors,
      ...percentiles(this.#latencies, inMs),
      timeline: Array.from({ length: this.#timeline.length / 6 }, (_, n) => ({
        start: formatTime(this.#from + n * this.#length),
        counts: [...this.#timeline.subarray(n * 6, n * 6 + 6)] as Summary['timeline'][number]['counts'],
      })),
      latencies: Array.from(this.#latencies, (count, n) => ({ upTo: upperBound(n) / 1000, count })).filter(
        ({ count }) => count > 0,
      ),
      facets: FACETS.map((facet) => ({ field: facet.field, values: this.#values(facet) })),
      endpoints: most([...this.#endpoints], ([, { count }]) => count, SHOWN_ENDPOINTS).map(described),
    };
  }

  #values({ read, values }: Facet): { value: string; count: number }[] {
    const counts = this.#counted.find((one) => one.read === read)?.counts ?? new Map<string, number>();
    const of = new Map<string, number>();
    for (const [counted, count] of counts) {
      for (const value of values?.(counted) ?? [String(counted)]) of.set(value, (of.get(value) ?? 0) + count);
    }
    return most([...of], ([, count]) => count, SHOWN_VALUES).map(([value, count]) => ({ value, count }));
  }

  #endpoint({ dst, method, path }: SummarisedFlow): CountedEndpoint {
    const key = `${dst.name}\n${method}\n${this.#template(path)}`;
    const room = this.#endpoints.size < MAX_VALUES;
    const found = this.#endpoints.get(key) ?? (room ? undefined : this.#endpoints.get(OTHERS));
    if (found !== undefined) return found;
    const made = new CountedEndpoint();
    this.#endpoints.set(room ? key : OTHERS, made);
    return made;
  }

  #template(path: string): string {
    let template = this.#templates.get(path);
    if (template === undefined) {
      template = pathTemplate(path);
      if (this.#templates.size >= MAX_VALUES) this.#templates.clear();
      this.#templates.set(path, template);
    }
    return template;
  }
}

function completenessOf(bits: string | number): string[] {
  const missing = COMPLETENESS.filter((_, bit) => (Number(bits) >> bit) & 1);
  return missing.length === 0 ? ['complete'] : missing;
}

function increase(counts: Map<string | number, number>, value: string | number): void {
  const known = counts.get(value);
  if (known !== undefined) counts.set(value, known + 1);
  else if (counts.size < MAX_VALUES) counts.set(value, 1);
  else counts.set(OTHERS, (counts.get(OTHERS) ?? 0) + 1);
}

function most<T>(all: T[], count: (one: T) => number, limit: number): T[] {
  return all.sort((a, b) => count(b) - count(a)).slice(0, limit);
}

function described([key, { count, errors, latencies }]: [string, CountedEndpoint]): EndpointSummary {
  const [server, method = '', template = ''] = key.split('\n');
  return { server, method, template, count, errors, ...percentiles(latencies, inMs) };
}

/** Three digits: a percentile is right to within 5 %. */
function inMs(us: number): number {
  return Number((us / 1000).toPrecision(3));
}
