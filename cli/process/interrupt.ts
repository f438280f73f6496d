/** Ctrl-C and its kin. The first one asks everything to end, the second one does not ask. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Stops listening: signals act as they do by default. */
  release(): void;
}

/** `atOnce` runs at the second signal and must end the process. */
export function listenForInterrupt(atOnce: () => void): Interrupt {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) atOnce();
    else controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
