import type { App } from 'electron';
import type { Jobs } from '../ipc/jobs.ts';

/** What has to be put away before the app ends. */
export interface LifecycleParts {
  readonly app: Pick<App, 'on' | 'quit'>;
  readonly window: { readonly close: () => void; readonly isOpen: () => boolean };
  readonly jobs: Jobs;
  readonly stopEngine: () => Promise<void>;
}

/**
 * How the app ends. Closing the window ends it, but a repair under way is first
 * brought to its end without a window. SIGTERM and SIGINT ask running work to
 * stop at its next safe point (a repair rolls back) and wait for that. A window that is
 * opened again while a repair is brought to its end keeps the app.
 */
export function ruleLifecycle({ app, window, jobs, stopEngine }: LifecycleParts): void {
  let ending = false;
  let ended = false;
  let wanted = false;

  async function end(): Promise<void> {
    if (ending) return;
    ending = true;
    await jobs.idle();
    ending = false;
    if (window.isOpen() && !wanted) return;
    await stopEngine();
    ended = true;
    app.quit();
  }

  app.on('window-all-closed', () => void end());
  app.on('before-quit', (event) => {
    if (ended || jobs.unfinished().length === 0) return;
    event.preventDefault();
    // Work under way is brought to its end without the window, as when that is closed.
    window.close();
    void end();
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      wanted = true;
      jobs.cancelAll();
      void end();
    });
  }
}
