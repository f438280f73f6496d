import type { WebSocket } from 'ws';
import type { LiveFrame, MapLevel, ServiceMap } from '../../flow/api.ts';
import { compileFilter } from '../../flow/filter.ts';
import type { Flow } from '../../flow/flow.ts';
import { Common, RecordKind } from '../../flow/record.ts';
import { HubError } from '../errors.ts';
import type { Arrival } from '../store/store.ts';
import { FlowFeed } from './feed.ts';
import { LiveFlow } from './flow.ts';
import { LIVE_LIMITS } from './limits.ts';
import { MapFrames } from './map-frames.ts';
import { Subscriber } from './subscriber.ts';

export interface LiveOptions {
  /** The map of the last `window` seconds. */
  map: (window: number, level: MapLevel) => Promise<ServiceMap>;
  /** The frame for an error that a client's message or a map led to. */
  errorFrame: (error: unknown) => LiveFrame;
}

/** Flows as they come. */
export interface Follower {
  /** Those that came since the last call, as many as go into a frame; `skipped`: and so many more, before them. */
  take(): { flows: Flow[]; skipped: number };
  close(): void;
}

/** How often filters look at the clock. */
const EXAMINE_AT_ONCE = 32;

/** The subscriptions of browsers and terminals. Subscribers cost nothing while there are none. */
export class Live {
  readonly limits: Record<string, number> = { ...LIVE_LIMITS };
  readonly #errorFrame: LiveOptions['errorFrame'];
  readonly #maps: MapFrames;
  readonly #subscribers = new Set<Subscriber>();
  readonly #feeds = new Map<string, FlowFeed>();
  readonly #counters = { liveRowsSent: 0, liveRowsSkipped: 0, liveUnexamined: 0, liveRefused: 0 };
  #followers = 0;
  #frameTimer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #filterMsLeft: number = LIVE_LIMITS.liveFilterMs;
  #closed = false;

  constructor({ map, errorFrame }: LiveOptions) {
    this.#maps = new MapFrames(map);
    this.#errorFrame = errorFrame;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  get counters(): Record<string, number> {
    return { ...this.#counters };
  }

  /** Throws HubError where there can be no further subscriber: ask before the WebSocket is accepted. */
  checkRoom(): void {
    if (this.#closed) throw new HubError('HUB_CLOSING');
    if (this.#subscribers.size < LIVE_LIMITS.liveSubscribers) return;
    this.#counters.liveRefused++;
    throw new HubError('LIVE_BUSY');
  }

  accept(socket: WebSocket): void {
    const subscriber = new Subscriber(socket, {
      join: (filter, full) => this.#join(filter, full),
      leave: (feed) => this.#leave(feed),
      mapFrame: (window, level, now) => this.#maps.frame(window, level, now),
      errorFrame: this.#errorFrame,
      sent: (rows, skipped) => {
        this.#counters.liveRowsSent += rows;
        this.#counters.liveRowsSkipped += skipped;
      },
    });
    this.#subscribers.add(subscriber);
    socket.on('close', () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size + this.#followers === 0) this.#stopTimers();
    });
    this.#startTimers();
  }

  /** For those in this process: whole flows that pass the filter, from now on, until it is closed. Throws FilterError. */
  follow(filter: string): Follower {
    const feed = this.#join(filter, true);
    const cursor = feed.cursor();
    this.#followers++;
    this.#startTimers();
    return {
      take: () => {
        const { flows, skipped } = feed.take(cursor);
        return { flows: flows.map((json) => JSON.parse(json) as Flow), skipped };
      },
      close: () => {
        this.#leave(feed);
        this.#followers--;
        if (this.#subscribers.size + this.#followers === 0) this.#stopTimers();
      },
    };
  }

  /** Shows committed flows to those who watch. Records of other kinds are left out. Never throws. */
  publish(arrivals: readonly Arrival[]): void {
    if (this.#feeds.size === 0) return;
    const flows = arrivals.filter(isExchange).map((arrival) => new LiveFlow(arrival));
    for (const feed of this.#feeds.values()) {
      if (feed.examines) this.#examine(feed, flows);
      else for (const flow of flows) feed.offer(flow);
    }
  }

  /** Says goodbye to all; after this nobody is accepted. */
  close(): void {
    this.#closed = true;
    this.#stopTimers();
    for (const subscriber of this.#subscribers) subscriber.close(1001, 'the hub is stopping');
  }

  /** Watching must not hold up what is watched: a filter gets its share of time, what is beyond is passed over. */
  #examine(feed: FlowFeed, flows: readonly LiveFlow[]): void {
    for (let start = 0; start < flows.length; start += EXAMINE_AT_ONCE) {
      if (this.#filterMsLeft <= 0) {
        const rest = flows.length - start;
        this.#counters.liveUnexamined += rest;
        feed.pass(rest);
        return;
      }
      const begin = performance.now();
      for (const flow of flows.slice(start, start + EXAMINE_AT_ONCE)) feed.offer(flow);
      this.#filterMsLeft -= performance.now() - begin;
    }
  }

  #join(source: string, full: boolean): FlowFeed {
    const key = `${full ? 'full' : 'rows'} ${source}`;
    let feed = this.#feeds.get(key);
    if (feed === undefined) {
      feed = new FlowFeed(compileFilter(source), full);
      this.#feeds.set(key, feed);
    }
    feed.users++;
    return feed;
  }

  #leave(feed: FlowFeed): void {
    if (--feed.users > 0) return;
    for (const [key, kept] of this.#feeds) if (kept === feed) this.#feeds.delete(key);
  }

  #startTimers(): void {
    this.#frameTimer ??= setInterval(() => {
      this.#filterMsLeft = LIVE_LIMITS.liveFilterMs;
      const now = performance.now();
      for (const subscriber of this.#subscribers) subscriber.tick(now);
    }, LIVE_LIMITS.liveFrameMs);
    this.#heartbeatTimer ??= setInterval(() => {
      for (const subscriber of this.#subscribers) subscriber.heartbeat();
    }, LIVE_LIMITS.liveHeartbeatMs);
  }

  #stopTimers(): void {
    clearInterval(this.#frameTimer);
    clearInterval(this.#heartbeatTimer);
    this.#frameTimer = undefined;
    this.#heartbeatTimer = undefined;
  }
}

function isExchange(arrival: Arrival): boolean {
  return arrival.record[Common.kind] === RecordKind.exchange;
}
