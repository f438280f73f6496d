/** What the connections of a capture say. The same seed, the same messages. */
export interface Messages {
  request(): Buffer;
  /** With a body of `least` to `most` bytes, or somewhat more. */
  answer(least: number, most: number): Buffer;
}
