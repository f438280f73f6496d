import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from '../error.ts';
import type { WatchLimits } from './limits.ts';

/** Where to ask, and with which credentials. */
export interface Credentials {
  /** The API server's address, with a path where it stands behind a proxy. */
  server: string;
  /** TLS, proxy, token. */
  options: RequestOptions;
}

/**
 * Credentials for the API server, fetched when needed and used for a short while: tokens are rotated, and a credential plugin
 * is a program to be started.
 */
export class Access {
  readonly #load: () => Promise<KubeConfig>;
  readonly #limits: WatchLimits;
  #config: Promise<KubeConfig> | undefined;
  #current: Promise<Credentials> | undefined;
  #until = 0;

  constructor(load: () => Promise<KubeConfig>, limits: WatchLimits) {
    this.#load = load;
    this.#limits = limits;
  }

  /** Rejects with ClusterError. Those that wait for a plugin wait for the same one. */
  credentials(): Promise<Credentials> {
    if (this.#current === undefined || performance.now() > this.#until) {
      const fetched = this.#fetch();
      this.#current = fetched;
      this.#until = Infinity;
      fetched.then(
        () => {
          if (this.#current === fetched) this.#until = performance.now() + this.#limits.clusterCredentialsMs;
        },
        () => this.#forget(fetched),
      );
    }
    return this.#current;
  }

  /** These were refused: the next ones are made from what the files say then, and with a new token of the plugin. */
  refused(credentials: Credentials): void {
    const current = this.#current;
    current?.then(
      (value) => {
        if (value === credentials) this.#forget(current);
      },
      () => {},
    );
  }

  #forget(credentials: Promise<Credentials>): void {
    if (this.#current !== credentials) return;
    this.#current = undefined;
    this.#config = undefined;
  }

  async #fetch(): Promise<Credentials> {
    this.#config ??= this.#load();
    try {
      const config = await this.#config;
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return { server: (config.getCurrentCluster()?.server ?? '').replace(/\/+$/, ''), options };
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      throw new ClusterError('CREDENTIALS_FAILED', `no credentials: ${(error as Error).message}`, error);
    }
  }
}
