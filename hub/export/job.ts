import type { ExportProgress } from '../../flow/api.ts';
import { formatTime } from '../../flow/time.ts';
import { HubError } from '../errors.ts';
import { parseFlowId } from '../store/flow-id.ts';
import type { Store } from '../store/store.ts';
import type { Selection } from './pages.ts';

/** Packets that are written, of those there are. */
interface Writing {
  readonly given: number;
  readonly packets: number;
}

/** How far an export is: it searches from the newest flow to the oldest one, and writes meanwhile; packets only then. */
export class ExportJob {
  readonly #store: Pick<Store, 'stats'>;
  #flows = 0;
  /** Of the search, µs: from its beginning, the newest, to its end. */
  #newest = Number.NaN;
  #oldest = Number.NaN;
  #reached = Number.NaN;
  #packets: Writing | undefined;
  readonly #cancelled = new AbortController();

  constructor(store: Pick<Store, 'stats'>) {
    this.#store = store;
  }

  /** Aborted with HubError EXPORT_CANCELLED. */
  get signal(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Nobody wants it any more: whatever works for it ends, and there is no whole file. */
  cancel(): void {
    this.#cancelled.abort(new HubError('EXPORT_CANCELLED'));
  }

  /** The search begins. */
  async search({ from, to }: Selection): Promise<void> {
    const stats = await this.#store.stats();
    this.#newest = Math.min(to ?? Number.POSITIVE_INFINITY, stats.newest ?? Number.NaN);
    this.#oldest = Math.max(from ?? 0, stats.oldest ?? Number.NaN);
    this.#reached = this.#newest;
  }

  /** A page of so many flows was found; `next`: the cursor of the next one, null behind the last. */
  found(flows: number, next: string | null): void {
    this.#flows += flows;
    this.#reached = next === null ? this.#oldest : (parseFlowId(next)?.time ?? this.#reached);
  }

  write(packets: Writing): void {
    this.#packets = packets;
  }

  get progress(): ExportProgress {
    const range = this.#newest - this.#oldest;
    const searched = range > 0 ? (this.#newest - this.#reached) / range : 0;
    return {
      running: true,
      flows: this.#flows,
      since: Number.isNaN(this.#reached) ? null : formatTime(this.#reached),
      searched: Math.min(1, Math.max(0, searched)),
      packets:
        this.#packets === undefined ? null : { written: this.#packets.given, total: this.#packets.packets },
    };
  }
}
