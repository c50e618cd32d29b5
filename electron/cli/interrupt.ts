import { exitStatus } from './exit-status.ts';

/** Signals by which a person, a closed terminal or the system asks to stop. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface InterruptOptions {
  /** Called at the first request. */
  readonly onStopping: () => void;
  /**
   * Called at every further one. Null where nothing is written: then the process
   * ends at once, for there is nothing to put back.
   */
  readonly onImpatience: (() => void) | null;
}

/**
 * Runs work that a person may stop. The first signal asks the work to end at its
 * next safe point; while changes are put back, later ones must not tear it down.
 */
export async function interruptible<T>(
  options: InterruptOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      controller.abort();
      options.onStopping();
    } else if (options.onImpatience === null) {
      process.exit(exitStatus.cancelled);
    } else {
      options.onImpatience();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
