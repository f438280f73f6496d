export interface Outage {
  /** ms since the epoch. */
  retryAt: number;
  retry(): void;
}

/** What the page knows of its way to the hub. Every part that talks to the hub reports here under its own name. */
class HubConnection {
  #outages = new Map<string, Outage>();
  #outage = $state.raw<Outage | undefined>();
  #refused = $state(false);

  /** The outage whose next try comes first; undefined while all is well. */
  get outage(): Outage | undefined {
    return this.#outage;
  }

  /** The hub answers but does not let this page in: the address had no token, or an old one. */
  get refused(): boolean {
    return this.#refused;
  }

  lost(part: string, outage: Outage): void {
    this.#outages.set(part, outage);
    this.#update();
  }

  found(part: string): void {
    this.#refused = false;
    if (this.#outages.delete(part)) this.#update();
  }

  /** A part that is no longer on the page has nothing to say. */
  forget(part: string): void {
    if (this.#outages.delete(part)) this.#update();
  }

  refuse(): void {
    this.#refused = true;
  }

  retryNow(): void {
    for (const outage of [...this.#outages.values()]) outage.retry();
  }

  #update(): void {
    const all = [...this.#outages.values()];
    this.#outage = all.sort((a, b) => a.retryAt - b.retryAt)[0];
  }
}

export const connection = new HubConnection();
