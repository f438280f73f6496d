import { HubError } from '../errors.ts';
import { ExportJob } from '../export/job.ts';
import type { Store } from '../store/store.ts';
import { API_LIMITS } from './limits.ts';

/** An export that runs. */
export interface ExportSlot {
  readonly job: ExportJob;
  /** It has ended. Only the first call counts. */
  giveBack(): void;
}

/** The exports that run at once, of all formats together. */
export class ExportSlots {
  readonly #store: Pick<Store, 'stats'>;
  readonly #running = new Set<ExportSlot>();
  readonly #named = new Map<string, ExportJob>();

  constructor(store: Pick<Store, 'stats'>) {
    this.#store = store;
  }

  /**
   * `gone`: aborted when nobody waits for it any more, which cancels it. `name`: under which its progress can be asked for. Throws
   * HubError EXPORT_BUSY.
   */
  take(gone: AbortSignal, name?: string): ExportSlot {
    if (this.#running.size >= API_LIMITS.exports) throw new HubError('EXPORT_BUSY');
    const job = new ExportJob(this.#store);
    if (gone.aborted) job.cancel();
    else gone.addEventListener('abort', () => job.cancel(), { once: true });
    const slot: ExportSlot = {
      job,
      giveBack: () => {
        this.#running.delete(slot);
        if (name !== undefined && this.#named.get(name) === job) this.#named.delete(name);
      },
    };
    this.#running.add(slot);
    if (name !== undefined) this.#named.set(name, job);
    return slot;
  }

  named(name: string): ExportJob | undefined {
    return this.#named.get(name);
  }
}
