import { ClusterError } from '../error.ts';
import { invalidAnswer, isTransient, type Request } from './failure.ts';
import type { InformerContext } from './informer.ts';
import { type Known, metadataOf } from './known.ts';
import { ListReader } from './list-reader.ts';

interface ListMetadata {
  continue: string | undefined;
  resourceVersion: string;
}

/** Lists the objects of one kind page by page, into what is known of them. */
export class Lister {
  readonly #request: Request;
  readonly #known: Known;
  readonly #context: InformerContext;
  /** To go on with; '': from the beginning. */
  #token = '';
  /** All in one answer: this list is too long to be at its end before its tokens are too old. */
  #whole = false;

  constructor(request: Request, known: Known, context: InformerContext) {
    this.#request = request;
    this.#known = known;
    this.#context = context;
  }

  /**
   * Resolves with the version that the list is of. Rejects with ClusterError; called again it then goes on where it was, if
   * that can be. `onPage`: one has been read.
   */
  async list(signal: AbortSignal, onPage: () => void): Promise<string> {
    for (;;) {
      if (this.#token === '') {
        this.#context.counters.clusterLists++;
        this.#known.beginList();
      }
      const { continue: token = '', resourceVersion } = await this.#page(signal);
      onPage();
      this.#token = token;
      if (token !== '') continue;
      this.#known.endList();
      this.#whole = false;
      return resourceVersion;
    }
  }

  /** Resolves with the metadata of the list. */
  async #page(signal: AbortSignal): Promise<ListMetadata> {
    const { api, limits, counters } = this.#context;
    const { clusterObjectBytes, clusterEnvelopeBytes, clusterListSilenceMs } = limits;
    const onSkipped = () => counters.clusterObjectsSkipped++;
    const reader = new ListReader(clusterObjectBytes, clusterEnvelopeBytes, onSkipped);
    const query = {
      ...(this.#whole ? {} : { limit: String(limits.clusterPageObjects) }),
      ...(this.#token === '' ? {} : { continue: this.#token }),
    };
    const reading = { query, silence: clusterListSilenceMs, signal };
    try {
      for await (const chunk of api.read(this.#request, reading)) {
        reader.push(chunk, (text) => this.#known.set(JSON.parse(text)));
      }
      counters.clusterListPages++;
      return readMetadata(reader.end());
    } catch (error) {
      const failure = error instanceof SyntaxError ? invalidAnswer(this.#request, error) : error;
      if (this.#token !== '' && !canGoOn(failure)) {
        this.#token = '';
        this.#whole = failure instanceof ClusterError && failure.code === 'API_EXPIRED';
      }
      throw failure;
    }
  }
}

/** Throws SyntaxError: what has no version is no list, and an empty one would mean that all objects are gone. */
function readMetadata(list: unknown): ListMetadata {
  const { continue: token, resourceVersion } = metadataOf(list);
  if (typeof resourceVersion !== 'string') throw new SyntaxError('the answer is no list');
  return { continue: token, resourceVersion };
}

/** The token is not what is wrong. */
function canGoOn(failure: unknown): boolean {
  return failure instanceof ClusterError && (isTransient(failure) || failure.code === 'API_SILENT');
}
