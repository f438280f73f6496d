import { Pieces } from './pieces.ts';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const SPACE = 0x20;

/** How deep braces and brackets are: in the list itself, in its items, in one of them. */
const [IN_LIST, IN_ITEMS, IN_ITEM] = [1, 2, 3];
const ITEMS_BEGIN = /[{,]\s*"items"\s*:\s*\[$/;

/**
 * Cuts a list answer, `{"kind": …, "metadata": …, "items": [ITEM, …]}`, into its items while it arrives, so that no more than
 * one item is in memory at a time, however many the server sends. It finds where they begin and end; whether they are JSON
 * is for JSON.parse to say.
 */
export class ListReader {
  readonly #onSkipped: () => void;
  readonly #item: Pieces;
  /** All that is not in an item. */
  readonly #envelope: Pieces;
  /** The end of the envelope so far, to see what an array is the value of. */
  #before = '';
  #depth = 0;
  #inItems = false;
  #inString = false;
  #escaped = false;

  /** Bytes of the longest item, and of all the rest. `onSkipped`: an item was longer, and is left out. */
  constructor(itemBytes: number, envelopeBytes: number, onSkipped: () => void) {
    this.#onSkipped = onSkipped;
    this.#item = new Pieces(itemBytes);
    this.#envelope = new Pieces(envelopeBytes);
  }

  /** Hands over the text of each item that ends in this chunk. Throws SyntaxError where an item is no object. */
  push(chunk: Buffer, onItem: (text: string) => void): void {
    let [depth, inItems, inString, escaped] = [this.#depth, this.#inItems, this.#inString, this.#escaped];
    // What comes from here on is of the item, or of the envelope, and not yet put there.
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      let byte = chunk[i];
      if (inString) {
        if (escaped) {
          escaped = false;
          continue;
        }
        while (byte !== QUOTE && byte !== BACKSLASH && ++i < chunk.length) byte = chunk[i];
        if (byte === QUOTE) inString = false;
        else escaped = byte === BACKSLASH;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (inItems && depth === IN_ITEMS) from = i;
        depth++;
        if (byte === OPEN_BRACKET && depth === IN_ITEMS && !inItems) {
          this.#toEnvelope(chunk.subarray(from, i + 1));
          from = i + 1;
          inItems = ITEMS_BEGIN.test(this.#before);
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (inItems && depth === IN_ITEMS) {
          this.#item.add(chunk.subarray(from, i + 1));
          const item = this.#item.take();
          if (item === undefined) this.#onSkipped();
          else onItem(item);
        } else if (inItems && depth === IN_LIST) {
          inItems = false;
          from = i;
        }
      } else {
        if (byte === QUOTE) inString = true;
        if (inItems && depth === IN_ITEMS && byte !== COMMA && byte > SPACE) {
          throw new SyntaxError('an item of the list is no object');
        }
      }
    }
    if (!inItems) this.#toEnvelope(chunk.subarray(from));
    else if (depth >= IN_ITEM) this.#item.add(chunk.subarray(from));
    [this.#depth, this.#inItems, this.#inString, this.#escaped] = [depth, inItems, inString, escaped];
  }

  /** The list without its items. Throws SyntaxError if it has not ended, or is not JSON. */
  end(): Record<string, unknown> {
    const envelope = this.#envelope.take();
    if (envelope === undefined) throw new SyntaxError('there is too much beside the items of the list');
    const list: unknown = JSON.parse(envelope);
    if (typeof list !== 'object' || list === null) throw new SyntaxError('the answer is no list');
    return list as Record<string, unknown>;
  }

  #toEnvelope(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#envelope.add(piece);
    // Enough of it to see the name of an array, however it is spaced.
    this.#before = (this.#before + piece.toString('latin1')).slice(-64);
  }
}
