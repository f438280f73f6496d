import type { Flow } from '../../flow/flow.ts';
import { lazyFlow, RecordView, toFlow, toRow } from '../../flow/record.ts';
import type { Arrival } from '../store/store.ts';

/** A flow on its way to subscribers: each form of it is made when first asked for, once for all of them. */
export class LiveFlow {
  readonly #arrival: Arrival;
  #flow: Flow | undefined;
  #row: string | undefined;
  #full: string | undefined;

  constructor(arrival: Arrival) {
    this.#arrival = arrival;
  }

  /** The memory its record lies in: the whole of the batch it came with. */
  get buffer(): ArrayBufferLike {
    return this.#arrival.record.buffer;
  }

  /** For filters: of the record is read only what they ask for. */
  get flow(): Flow {
    this.#flow ??= lazyFlow(this.#view(), this.#arrival);
    return this.#flow;
  }

  /** JSON of the FlowRow, or of the whole Flow. */
  json(full: boolean): string {
    if (full) {
      this.#full ??= JSON.stringify(toFlow(this.#view(), this.#arrival));
      return this.#full;
    }
    this.#row ??= JSON.stringify(toRow(this.#view(), this.#arrival));
    return this.#row;
  }

  #view(): RecordView {
    return new RecordView().at(this.#arrival.record, 0);
  }
}
