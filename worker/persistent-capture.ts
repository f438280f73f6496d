import { CaptureError } from './capture/error.ts';
import { emptyStats } from './capture/format.ts';
import type { LiveCapture, SourceStats } from './capture/source.ts';
import { Backoff } from './uplink/backoff.ts';

/** Pauses between attempts to open a capture, ms: what is in the way is mended by people. */
export const CAPTURE_RETRY = { firstCaptureRetryMs: 1000, lastCaptureRetryMs: 30_000 } as const;

export interface PersistentOptions {
  /** Opens the capture. Throws CaptureError; calls `onFailure` where the capture ends by itself later. */
  open: (onFailure: (error: CaptureError) => void) => LiveCapture;
  /** It captures now, or cannot: called at every change. Not called before the constructor returns. */
  onChange: (problem: CaptureError | undefined) => void;
  /** Default: of CAPTURE_RETRY. */
  backoff?: Backoff;
}

/** A capture that is opened again and again until it can be, and once more when it has ended. */
export class PersistentCapture {
  /** Why nothing is captured at the moment. */
  problem: CaptureError | undefined;
  readonly #options: PersistentOptions;
  readonly #backoff: Backoff;
  #capture: LiveCapture | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** What captures counted that have ended. */
  #past = emptyStats();

  constructor(options: PersistentOptions) {
    this.#options = options;
    this.#backoff =
      options.backoff ?? new Backoff(CAPTURE_RETRY.firstCaptureRetryMs, CAPTURE_RETRY.lastCaptureRetryMs);
    this.#retry = setTimeout(() => this.#open());
  }

  /** Totals of all captures. */
  stats(): SourceStats {
    return this.#capture === undefined ? { ...this.#past } : sum(this.#past, this.#capture.stats());
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#capture?.close();
  }

  #open(): void {
    try {
      this.#capture = this.#options.open((error) => this.#lost(error));
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#wait(error);
      return;
    }
    this.#backoff.reset();
    this.problem = undefined;
    this.#options.onChange(undefined);
  }

  #lost(error: CaptureError): void {
    this.#past = this.stats();
    this.#capture = undefined;
    this.#wait(error);
  }

  #wait(error: CaptureError): void {
    const isNew = this.problem?.message !== error.message;
    this.problem = error;
    this.#retry = setTimeout(() => this.#open(), this.#backoff.next());
    if (isNew) this.#options.onChange(error);
  }
}

function sum(a: SourceStats, b: SourceStats): SourceStats {
  return {
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    kernelDrops: a.kernelDrops + b.kernelDrops,
    interfaceDrops: a.interfaceDrops + b.interfaceDrops,
    overloadDrops: a.overloadDrops + b.overloadDrops,
  };
}
