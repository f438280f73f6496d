import type { RawData, WebSocket } from 'ws';
import type { LiveFrame, LiveRequest, MapLevel } from '../../flow/api.ts';
import type { FeedCursor, FlowFeed } from './feed.ts';
import { LIVE_LIMITS } from './limits.ts';
import { parseLiveRequest } from './request.ts';

/** What a subscriber asks of the hub's live side. */
export interface Feeds {
  /** Throws FilterError. */
  join(filter: string, full: boolean): FlowFeed;
  leave(feed: FlowFeed): void;
  mapFrame(window: number, level: MapLevel, now: number): Promise<string>;
  /** The frame that tells the client of its error (or of ours). */
  errorFrame(error: unknown): LiveFrame;
  sent(rows: number, skipped: number): void;
}

type Stream =
  | { kind: 'flows'; feed: FlowFeed; cursor: FeedCursor }
  | { kind: 'map'; window: number; level: MapLevel };

/**
 * One client of /api/v1/live. It has credit for one frame from `subscribe`, and again from each `next`;
 * without credit nothing is sent, so that at most one frame waits in its socket.
 */
export class Subscriber {
  readonly #socket: WebSocket;
  readonly #feeds: Feeds;
  #stream: Stream | undefined;
  #credit = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #heard = true;

  constructor(socket: WebSocket, feeds: Feeds) {
    this.#socket = socket;
    this.#feeds = feeds;
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#heard = true;
    });
    // ws closes the socket itself after a protocol error; the listener keeps it from being thrown.
    socket.on('error', () => {});
    socket.on('close', () => this.#leave());
  }

  /** Sends what there is, if the client can take it. `now` in ms, of a clock that does not run backwards. */
  tick(now: number): void {
    if (!this.#credit || this.#stream === undefined) return;
    if (this.#stream.kind === 'map') this.#sendMap(this.#stream, now);
    else this.#sendFlows(this.#stream, now);
  }

  /** Cuts off a client that has not answered the last ping, and pings. */
  heartbeat(): void {
    if (this.#heard) this.#socket.ping();
    else this.#socket.terminate();
    this.#heard = false;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #receive(data: RawData, isBinary: boolean): void {
    try {
      const request = parseLiveRequest(isBinary ? '' : data.toString());
      if (request.type === 'subscribe') this.#subscribe(request);
      else this.#credit = true;
    } catch (error) {
      this.#send(JSON.stringify(this.#feeds.errorFrame(error)));
    }
  }

  #subscribe(request: Extract<LiveRequest, { type: 'subscribe' }>): void {
    this.#leave();
    if (request.stream === 'map') {
      this.#stream = { kind: 'map', window: request.window, level: request.level ?? 'workload' };
    } else {
      const feed = this.#feeds.join(request.filter ?? '', request.full ?? false);
      this.#stream = { kind: 'flows', feed, cursor: feed.cursor() };
    }
    this.#credit = true;
    this.#sentAt = Number.NEGATIVE_INFINITY;
  }

  #leave(): void {
    if (this.#stream?.kind === 'flows') this.#feeds.leave(this.#stream.feed);
    this.#stream = undefined;
  }

  #sendFlows({ feed, cursor }: Extract<Stream, { kind: 'flows' }>, now: number): void {
    if (now - this.#sentAt < LIVE_LIMITS.liveFrameMs || !feed.hasNews(cursor)) return;
    const { flows, skipped } = feed.take(cursor);
    const head = feed.full ? '{"type":"full","flows":[' : '{"type":"flows","rows":[';
    this.#spend(now);
    this.#send(`${head}${flows.join(',')}],"skipped":${skipped}}`);
    this.#feeds.sent(flows.length, skipped);
  }

  #sendMap(stream: Extract<Stream, { kind: 'map' }>, now: number): void {
    if (now - this.#sentAt < LIVE_LIMITS.liveMapMs) return;
    this.#spend(now);
    this.#feeds
      .mapFrame(stream.window, stream.level, now)
      .catch((error: unknown) => JSON.stringify(this.#feeds.errorFrame(error)))
      .then((json) => {
        if (this.#stream === stream) this.#send(json);
      });
  }

  #spend(now: number): void {
    this.#credit = false;
    this.#sentAt = now;
  }

  #send(json: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(json);
  }
}
