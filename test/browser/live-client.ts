import type { WebSocket } from 'ws';
import type { LiveFrame, LiveRequest, MapLevel, ServiceMap } from '../../flow/api.ts';
import { compileFilter, type Filter } from '../../flow/filter.ts';
import type { Flow } from '../../flow/flow.ts';
import { rowOf } from './shop.ts';

/** As many flows as are kept for a browser that does not ask for them. */
export const FRAME_LIMIT = 2500;

/** One browser: a frame, then nothing until it asks for the next; in between the newest flows are kept. */
export class LiveClient {
  #socket: WebSocket;
  #map: (windowS: number, level: MapLevel) => ServiceMap;
  #filter: Filter | undefined;
  #queue: Flow[] = [];
  #skipped = 0;
  #ready = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #windowS = 0;
  #level: MapLevel = 'workload';

  constructor(socket: WebSocket, map: (windowS: number, level: MapLevel) => ServiceMap) {
    this.#socket = socket;
    this.#map = map;
    socket.on('message', (data) => this.#told(JSON.parse(String(data)) as LiveRequest));
  }

  offer(flows: readonly Flow[]): void {
    const filter = this.#filter;
    if (filter === undefined) return;
    this.#queue.push(...flows.filter((flow) => filter.matches(flow)));
    const over = this.#queue.length - FRAME_LIMIT;
    if (over > 0) {
      this.#queue.splice(0, over);
      this.#skipped += over;
    }
    this.#flush();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#socket.terminate();
  }

  #told(message: LiveRequest): void {
    this.#ready = true;
    if (message.type === 'subscribe' && message.stream === 'flows')
      this.#filter = compileFilter(message.filter ?? '');
    else if (message.type === 'subscribe') {
      this.#windowS = message.window;
      this.#level = message.level ?? 'workload';
      this.#sendMap();
    } else if (this.#windowS > 0) this.#timer = setTimeout(() => this.#sendMap(), 1000);
    this.#flush();
  }

  #flush(): void {
    if (!this.#ready || (this.#queue.length === 0 && this.#skipped === 0)) return;
    this.#send({ type: 'flows', rows: this.#queue.map(rowOf), skipped: this.#skipped });
    this.#queue = [];
    this.#skipped = 0;
  }

  #sendMap(): void {
    this.#send({ type: 'map', map: this.#map(this.#windowS, this.#level) });
  }

  #send(frame: LiveFrame): void {
    this.#ready = false;
    this.#socket.send(JSON.stringify(frame));
  }
}
