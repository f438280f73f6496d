/** What containers wrote: one log a container, and that of its previous run. */

export interface LogLine {
  /** RFC 3339 with nanoseconds. */
  time: string;
  /** With its newline, if it has one. */
  text: string;
}

type Follower = (line: LogLine | undefined) => void;

class Log {
  lines: LogLine[] = [];
  previous: LogLine[] | undefined;
  readonly followers = new Set<Follower>();
}

export class Logs {
  readonly #byContainer = new Map<string, Log>();

  /** Appends text to a container's log, line by line. `pod` is its uid. */
  write(pod: string, container: string, text: string): void {
    const log = this.#log(pod, container);
    for (const part of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      const line = { time: new Date().toISOString().replace('Z', '000000Z'), text: part };
      log.lines.push(line);
      for (const follower of log.followers) follower(line);
    }
  }

  /** The container starts again: its log becomes the previous one. */
  restart(pod: string, container: string): void {
    const log = this.#log(pod, container);
    log.previous = log.lines;
    log.lines = [];
  }

  read(pod: string, container: string): LogLine[] {
    return this.#log(pod, container).lines;
  }

  previous(pod: string, container: string): LogLine[] | undefined {
    return this.#log(pod, container).previous;
  }

  /** Hears of new lines, and of the end (undefined). Returns the way to stop. */
  follow(pod: string, container: string, follower: Follower): () => void {
    const { followers } = this.#log(pod, container);
    followers.add(follower);
    return () => followers.delete(follower);
  }

  /** The pod is gone: those who follow are told. */
  end(pod: string): void {
    for (const [key, log] of this.#byContainer) {
      if (!key.startsWith(`${pod}/`)) continue;
      for (const follower of [...log.followers]) follower(undefined);
      this.#byContainer.delete(key);
    }
  }

  #log(pod: string, container: string): Log {
    const key = `${pod}/${container}`;
    let log = this.#byContainer.get(key);
    if (log === undefined) {
      log = new Log();
      this.#byContainer.set(key, log);
    }
    return log;
  }
}
