/**
 * Calls between the hub's thread and the store's threads: a message for each call, a message for each answer.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { asStoreError, StoreError, type StoreErrorCode } from '../error.ts';

/** Functions that a thread serves; arguments and results must be cloneable. The signal tells that the result is not wanted any more. */
export type Calls = Record<string, (argument: never, signal: AbortSignal) => unknown>;

interface Call {
  id: number;
  name: string;
  argument: unknown;
}
/** The answer to the call is not wanted any more. It comes all the same. */
interface Abandon {
  abandon: number;
}
type Answer =
  | { id: number; result: unknown }
  | { id: number; error: { code: StoreErrorCode; message: string } }
  | { warning: string };

/** A thread of the store, seen from the hub. */
export class StoreThread<Served extends Calls> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  #dead: StoreError | undefined;

  /** `name` is that of the module beside this one, without its extension. */
  constructor(name: string, data: unknown, warn: (message: string) => void) {
    this.#worker = startWorker(name, data);
    this.#worker.on('message', (answer: Answer) => {
      if ('warning' in answer) warn(answer.warning);
      else this.#settle(answer);
    });
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', () => this.#die(undefined));
  }

  call<Name extends keyof Served & string>(
    name: Name,
    argument: Parameters<Served[Name]>[0],
    { transfer = [], signal }: { transfer?: ArrayBuffer[]; signal?: AbortSignal | undefined } = {},
  ): Promise<Awaited<ReturnType<Served[Name]>>> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    const answer = new Promise<Awaited<ReturnType<Served[Name]>>>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, name, argument } satisfies Call, transfer);
    });
    return signal === undefined ? answer : this.#untilAborted(id, answer, signal);
  }

  /** Tells the thread when the answer is not wanted any more. */
  async #untilAborted<T>(id: number, answer: Promise<T>, signal: AbortSignal): Promise<T> {
    const abandon = () => this.#worker.postMessage({ abandon: id } satisfies Abandon);
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon);
    try {
      return await answer;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Ends the thread; calls that wait are rejected. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: Exclude<Answer, { warning: string }>): void {
    const call = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) call?.reject(new StoreError(answer.error.code, answer.error.message));
    else call?.resolve(answer.result as never);
  }

  #die(cause: unknown): void {
    this.#dead ??= new StoreError(
      'STORE_CLOSED',
      cause === undefined
        ? 'The store is closed.'
        : `The store's thread died: ${(cause as Error).message}. Start Remora again.`,
      cause,
    );
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }
}

/** In a thread: answers calls with the functions that `start` makes from the data given. A failed start fails every call. */
export function serveCalls<Data>(start: (data: Data, warn: (message: string) => void) => Calls): void {
  const port = parentPort!;
  const warn = (warning: string) => port.postMessage({ warning } satisfies Answer);
  let calls: Calls = {};
  let failure: StoreError | undefined;
  try {
    calls = start(workerData as Data, warn);
  } catch (error) {
    failure = asStoreError(error, 'Opening the store');
  }
  const running = new Map<number, AbortController>();
  port.on('message', async (message: Call | Abandon) => {
    if ('abandon' in message) {
      running.get(message.abandon)?.abort();
      return;
    }
    const { id, name, argument } = message;
    const abort = new AbortController();
    running.set(id, abort);
    try {
      if (failure !== undefined) throw failure;
      const result = await calls[name](argument as never, abort.signal);
      port.postMessage({ id, result } satisfies Answer);
    } catch (error) {
      const { code, message } = asStoreError(error, name);
      port.postMessage({ id, error: { code, message } } satisfies Answer);
    } finally {
      running.delete(id);
    }
  });
}

function startWorker(name: string, data: unknown): Worker {
  const extension = extname(fileURLToPath(import.meta.url));
  const module = new URL(`./${name}${extension}`, import.meta.url);
  if (extension === '.js') return new Worker(module, { workerData: data });
  return new Worker(new URL('../../../scripts/thread-from-source.mjs', import.meta.url), {
    argv: [module.href],
    workerData: data,
  });
}
