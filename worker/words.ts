import { wordsOf } from '../flow/copy.ts';

/** Gives the view of an array through which its words are read, with the same indices. */
export class Words {
  private array = new Uint8Array(0);
  private view: DataView = new DataView(this.array.buffer);

  /** Cheap for the array that was asked for last. */
  of(array: Uint8Array): DataView {
    if (this.array !== array) {
      this.array = array as Uint8Array<ArrayBuffer>;
      this.view = wordsOf(array);
    }
    return this.view;
  }

  /** `view` is that of `array`, which will be asked for next. */
  know(array: Uint8Array, view: DataView): void {
    this.array = array as Uint8Array<ArrayBuffer>;
    this.view = view;
  }
}
