import { MAX_TARGETS_IN_MESSAGE, type TargetsMessage } from '../../flow/wire.ts';

/** A change, or with `reset` all there is, as messages that hold together: JSON. None for no change. */
export function encodeTargets(reset: boolean, add: readonly string[], remove: readonly string[]): string[] {
  const total = add.length + remove.length;
  const messages: string[] = [];
  for (let from = 0; from < total || (reset && messages.length === 0); from += MAX_TARGETS_IN_MESSAGE) {
    const to = from + MAX_TARGETS_IN_MESSAGE;
    const message: TargetsMessage = {
      type: 'targets',
      reset: reset && from === 0,
      ...(to < total ? { more: true } : {}),
      add: add.slice(from, to),
      remove: remove.slice(Math.max(0, from - add.length), Math.max(0, to - add.length)),
    };
    messages.push(JSON.stringify(message));
  }
  return messages;
}
