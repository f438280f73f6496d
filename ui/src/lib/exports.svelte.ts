import type { ExportProgress } from '../../../flow/api.ts';
import { ApiFailure, api } from './api.ts';
import { counted, percent } from './format.ts';

const EVERY_MS = 700;
/** The browser asks for a file a moment after the click; where it never does, nothing is waited for. */
const BEGINS_MS = 5000;

export interface RunningExport {
  readonly name: string;
  readonly label: string;
  readonly text: string;
  /** It was told to end, and is about to. */
  readonly ending: boolean;
}

/** Exports that were begun in this page: how far each is. The browser shows a file only when its first byte has come. */
class Exports {
  running = $state.raw<readonly RunningExport[]>([]);

  /** Call it with the address that is about to be loaded; returns it with a name under which the hub tells how far it is. */
  begin(address: string, label: string): string {
    const name = crypto.getRandomValues(new Uint32Array(4)).join('-');
    const url = new URL(address);
    url.searchParams.set('progress', name);
    void this.#watch(name, label);
    return url.href;
  }

  /** Ends one: the browser shows that its file has failed. */
  async cancel(name: string): Promise<void> {
    const one = this.running.find((running) => running.name === name);
    if (one === undefined) return;
    this.#show({ ...one, text: 'is being cancelled', ending: true });
    try {
      await api.cancelExport(name);
    } catch (error) {
      const hasEnded = error instanceof ApiFailure && error.status === 404;
      if (!hasEnded) this.#show(one);
    }
  }

  async #watch(name: string, label: string): Promise<void> {
    const startedAt = performance.now();
    for (let begun = false; ; ) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      const progress = await api.exportProgress(name).catch(() => undefined);
      if (progress?.running) this.#tell(name, label, progressText(progress));
      else if (begun || performance.now() - startedAt > BEGINS_MS) break;
      begun ||= progress?.running === true;
    }
    this.running = this.running.filter((one) => one.name !== name);
  }

  #tell(name: string, label: string, text: string): void {
    if (this.running.some((one) => one.name === name && one.ending)) return;
    this.#show({ name, label, text, ending: false });
  }

  /** Where it was shown before: what is under the pointer or has the focus must not move. */
  #show(shown: RunningExport): void {
    const isShown = this.running.some((one) => one.name === shown.name);
    this.running = isShown
      ? this.running.map((one) => (one.name === shown.name ? shown : one))
      : [...this.running, shown];
  }
}

export const runningExports = new Exports();

/** `34% of the time searched, 1 234 flows found`; of packets, `12% of 40 000 packets written`. */
export function progressText({ flows, searched, packets }: ExportProgress): string {
  if (packets === null) return `${percent(searched)} of the time searched, ${counted(flows, 'flow')} found`;
  const share = packets.total === 0 ? 1 : packets.written / packets.total;
  return `${percent(share)} of ${counted(packets.total, 'packet')} written`;
}
