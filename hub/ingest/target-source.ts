/** Says which packets workers are to take: messages of flow/wire.ts, as JSON. */
export interface TargetSource {
  /** Tells a worker on `node`, as soon as it is known and at changes. Returns how to stop. */
  follow(node: string, follower: TargetFollower): () => void;
}

export interface TargetFollower {
  /** It has not taken yet what it was sent before: it is told when it has, and then all anew. */
  readonly busy: boolean;
  tell(messages: readonly string[]): void;
}

/** For a hub that taps no cluster: workers take everything. */
export const EVERYTHING: TargetSource = {
  follow(_node, follower) {
    follower.tell([JSON.stringify({ type: 'targets', reset: true, add: ['*'], remove: [] })]);
    return () => {};
  },
};
