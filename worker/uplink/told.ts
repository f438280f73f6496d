import type { AddressNames } from '../../flow/address-names.ts';
import type { MarkedPacket } from '../../flow/exchange-mark.ts';
import { MAX_TOLD_BYTES, type MarksMessage, type NamesMessage } from '../../flow/wire.ts';

/** What capture files tell beside their packets; exports do (hub/export/packets). */
export interface ToldByFiles {
  readonly names: readonly AddressNames[];
  readonly marks: readonly MarkedPacket[];
}

/** Marks that are told again to a hub that has begun anew: the last ones, whose exchanges may not have been committed. */
const MAX_MARKS_AGAIN = 50_000;

/** What was told so far, to be told again. */
export class Told implements ToldByFiles {
  names: AddressNames[] = [];
  marks: MarkedPacket[] = [];

  add({ names, marks }: ToldByFiles): void {
    for (const name of names) this.names.push(name);
    for (const mark of marks) this.marks.push(mark);
    if (this.marks.length > 2 * MAX_MARKS_AGAIN) this.marks = this.marks.slice(-MAX_MARKS_AGAIN);
  }
}

/** As messages to the hub, none longer than it takes. */
export function* messagesOf({ names, marks }: ToldByFiles): Generator<string> {
  for (const some of parts(names))
    yield JSON.stringify({ type: 'names', names: some } satisfies NamesMessage);
  for (const some of parts(marks))
    yield JSON.stringify({ type: 'marks', marks: some } satisfies MarksMessage);
}

function* parts<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; ) {
    const some: T[] = [];
    for (let size = 0; at < all.length && size < MAX_TOLD_BYTES; at++) {
      some.push(all[at]!);
      size += JSON.stringify(all[at]).length + 1;
    }
    yield some;
  }
}
