import type { Completeness, Endpoint, Flow, FlowRequest, FlowResponse, Hop, Timing } from '../flow.ts';
import { formatTime } from '../time.ts';
import { readHops } from './hops.ts';
import {
  connectionId,
  milliseconds,
  type Naming,
  readCompleteness,
  readRequest,
  readResponse,
  readTiming,
} from './to-flow.ts';
import type { RecordView } from './view.ts';

/**
 * The flow of an exchange record, of which nothing is read before it is asked for: for filters, which look at a few
 * fields of many flows. It is good for as long as the view stays where it is.
 */
export function lazyFlow(view: RecordView, naming: Naming): Flow {
  return new LazyFlow(view, naming) as Flow;
}

class LazyFlow implements Record<keyof Flow, unknown> {
  readonly #view: RecordView;
  readonly #naming: Naming;
  #request: FlowRequest | undefined;
  #response: FlowResponse | undefined;

  constructor(view: RecordView, naming: Naming) {
    this.#view = view;
    this.#naming = naming;
  }

  get id(): string {
    return this.#naming.id;
  }
  get time(): string {
    return formatTime(this.#view.time);
  }
  get protocol(): Flow['protocol'] {
    return { name: this.#view.protocol, version: this.#view.protocolVersion };
  }
  get node(): string {
    return this.#naming.node;
  }
  get src(): Endpoint {
    return this.#naming.src;
  }
  get dst(): Endpoint {
    return this.#naming.dst;
  }
  get request(): FlowRequest | undefined {
    if (!this.#view.hasRequest) return undefined;
    this.#request ??= readRequest(this.#view, this.#naming);
    return this.#request;
  }
  get response(): FlowResponse | undefined {
    if (!this.#view.hasResponse) return undefined;
    this.#response ??= readResponse(this.#view);
    return this.#response;
  }
  get elapsedMs(): number | undefined {
    return milliseconds(this.#view.elapsed);
  }
  get timing(): Timing {
    return readTiming(this.#view);
  }
  get completeness(): Completeness[] {
    return readCompleteness(this.#view.completeness);
  }
  get gapBytes(): number | undefined {
    return this.#view.gapBytes || undefined;
  }
  get redacted(): number {
    return this.#view.redacted;
  }
  get problem(): string | undefined {
    return this.#view.problem || undefined;
  }
  get hops(): Hop[] | undefined {
    return readHops(this.#view);
  }
  get bytes(): Flow['bytes'] {
    return { request: this.#view.requestBytes, response: this.#view.responseBytes };
  }
  get fingerprint(): string {
    return this.#view.fingerprint;
  }
  get connection(): string {
    return connectionId(this.#view, this.#naming);
  }
}
