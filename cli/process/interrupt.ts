/** Ctrl-C and its kin. The first one asks everything to end, the second one does not ask. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Signals so soon after the first are the same one: the terminal sends Ctrl-C to all of `npm start`, and npm
 * sends it on once more. No two strokes of a key come this fast.
 */
const SAME_MS = 60;

export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Stops listening: signals act as they do by default. */
  release(): void;
}

/** `atOnce` runs at the second signal and must end the process. */
export function listenForInterrupt(atOnce: () => void): Interrupt {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      controller.abort();
    } else if (performance.now() - firstAt > SAME_MS) {
      atOnce();
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
