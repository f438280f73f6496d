import { HubError } from '../errors.ts';
import { type KeyPair, readKeyPair, type TlsPaths } from './key-pair.ts';

/**
 * How often the files are looked at, ms. Watching them would say it sooner, but what Kubernetes changes is not
 * the files: it changes the link to the folder they are in, at its leisure.
 */
const LOOK_MS = 5000;

/** A certificate and its key in files that are replaced while the hub runs. */
export class TlsFiles {
  /** The last pair of files that was sound. */
  current: KeyPair;
  readonly #paths: TlsPaths;
  readonly #lookMs: number;
  readonly #onWarning: (error: HubError) => void;
  #timer: NodeJS.Timeout | undefined;
  #warned = '';

  private constructor(
    paths: TlsPaths,
    current: KeyPair,
    onWarning: (error: HubError) => void,
    lookMs: number,
  ) {
    this.#paths = paths;
    this.current = current;
    this.#onWarning = onWarning;
    this.#lookMs = lookMs;
  }

  /**
   * Rejects with HubError as `readKeyPair` does. `onWarning`: new files cannot be used; the old ones are kept.
   */
  static async open(
    paths: TlsPaths,
    onWarning: (error: HubError) => void,
    lookMs = LOOK_MS,
  ): Promise<TlsFiles> {
    return new TlsFiles(paths, await readKeyPair(paths), onWarning, lookMs);
  }

  /** Calls `onChange` with every new pair until `close`. */
  follow(onChange: (pair: KeyPair) => void): void {
    this.#timer = setTimeout(async () => {
      await this.#look(onChange);
      if (this.#timer !== undefined) this.follow(onChange);
    }, this.#lookMs);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look(onChange: (pair: KeyPair) => void): Promise<void> {
    try {
      const pair = await readKeyPair(this.#paths);
      this.#warned = '';
      if (pair.cert === this.current.cert && pair.key === this.current.key) return;
      this.current = pair;
      onChange(pair);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      // Between the writing of one file and of the other they do not fit: the next look finds that they do.
      if (error.message !== this.#warned) this.#onWarning(error);
      this.#warned = error.message;
    }
  }
}
