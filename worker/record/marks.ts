/** What the recorder notes of a connection: the number of the segment that has described it last, or one of these. */
export const RecordMarks = {
  /** Of a connection of which no packet was recorded yet. */
  unseen: -1,
  /** Nothing of it is taken any more. */
  unwanted: -2,
  /** Likewise, of the packet that is being read one more. */
  lastWanted: -3,
  /** This and those below: left out because the disk was too slow. */
  firstShed: -16,
} as const;
