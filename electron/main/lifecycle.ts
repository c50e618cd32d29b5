import type { App } from 'electron';
import type { Jobs } from '../ipc/jobs.ts';

/** What has to be put away before the app ends. */
export interface LifecycleParts {
  readonly app: Pick<App, 'on' | 'quit' | 'exit'>;
  readonly jobs: Jobs;
  readonly stopEngine: () => Promise<void>;
}

/**
 * How the app ends. Closing the window ends it, but a repair under way is first
 * brought to its end without a window. SIGTERM and SIGINT ask running work to
 * stop at its next safe point (a repair rolls back) and wait for that.
 */
export function ruleLifecycle({ app, jobs, stopEngine }: LifecycleParts): void {
  let ending = false;
  let ended = false;

  async function end(): Promise<void> {
    if (ending) return;
    ending = true;
    await jobs.idle();
    await stopEngine();
    ended = true;
    app.quit();
  }

  app.on('window-all-closed', () => void end());
  app.on('before-quit', (event) => {
    // Quit from the menu closes the window too: work under way is treated alike.
    if (ended || jobs.unfinished().length === 0) return;
    event.preventDefault();
    void end();
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      jobs.cancelAll();
      void end();
    });
  }
}
