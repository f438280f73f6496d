/** The bounds of what the HTTP/1 dissector keeps in memory. Framing is right beyond them; only what is kept is cut. */
export interface Http1Limits {
  /** Bytes of a head (and again of trailers) that are kept. */
  maxHead: number;
  /** Bytes of a body that are kept, still content-coded. */
  maxKeptBody: number;
  /** Memory that all messages being read or waiting for their other half may take together; a quarter is for those being read. */
  maxBuffered: number;
  /** Requests of one connection that may wait for their answers. */
  maxOutstanding: number;
  /** Answers of one connection that may wait until it is known which request they answer. */
  maxHeldAnswers: number;
}

export const DEFAULT_HTTP1_LIMITS: Http1Limits = {
  maxHead: 64 * 1024,
  maxKeptBody: 1024 * 1024,
  maxBuffered: 64 * 1024 * 1024,
  maxOutstanding: 256,
  maxHeldAnswers: 16,
};
