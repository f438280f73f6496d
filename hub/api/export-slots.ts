import { HubError } from '../errors.ts';
import { API_LIMITS } from './limits.ts';

/** How many exports run at once, of all formats together. */
export class ExportSlots {
  #running = 0;

  /** Returns what gives the place back, once. Throws HubError EXPORT_BUSY. */
  take(): () => void {
    if (this.#running >= API_LIMITS.exports) throw new HubError('EXPORT_BUSY');
    this.#running++;
    let isTaken = true;
    return () => {
      if (isTaken) this.#running--;
      isTaken = false;
    };
  }
}
