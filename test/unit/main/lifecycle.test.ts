import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Jobs } from '../../../electron/ipc/jobs.ts';
import { ruleLifecycle, type LifecycleParts } from '../../../electron/main/lifecycle.ts';

afterEach(() => {
  process.removeAllListeners('SIGTERM');
  process.removeAllListeners('SIGINT');
});

function stage(unfinished: readonly string[]) {
  let becomeIdle = (): void => undefined;
  const idle = new Promise<void>((resolve) => {
    becomeIdle = resolve;
  });
  const cancelAll = vi.fn();
  const jobs = {
    unfinished: () => unfinished,
    idle: () => (unfinished.length > 0 ? idle : Promise.resolve()),
    cancelAll,
  } as unknown as Jobs;
  const quit = vi.fn();
  const stopEngine = vi.fn(() => Promise.resolve());
  const app = Object.assign(new EventEmitter(), { quit });
  const window = { close: vi.fn(), isOpen: vi.fn(() => false) };
  ruleLifecycle({ app: app as unknown as LifecycleParts['app'], window, jobs, stopEngine });
  return { app, window, quit, stopEngine, cancelAll, becomeIdle };
}

describe('closing the window', () => {
  it('while nothing is under way ends the app', async () => {
    const { app, quit, stopEngine } = stage([]);
    app.emit('window-all-closed');
    await vi.waitFor(() => expect(quit).toHaveBeenCalled());
    expect(stopEngine).toHaveBeenCalledBefore(quit);
  });

  it('during a repair lets the repair come to its end, then ends the app', async () => {
    const { app, quit, stopEngine, cancelAll, becomeIdle } = stage(['repair.start']);
    app.emit('window-all-closed');
    await Promise.resolve();
    expect(quit).not.toHaveBeenCalled();
    becomeIdle();
    await vi.waitFor(() => expect(quit).toHaveBeenCalledTimes(1));
    expect(cancelAll).not.toHaveBeenCalled();
    expect(stopEngine).toHaveBeenCalledTimes(1);
  });

  it('and opening it again during a repair keeps the app', async () => {
    const { app, window, quit, becomeIdle } = stage(['repair.start']);
    app.emit('window-all-closed');
    window.isOpen.mockReturnValue(true);
    becomeIdle();
    await vi.waitFor(() => expect(window.isOpen).toHaveBeenCalled());
    expect(quit).not.toHaveBeenCalled();
    window.isOpen.mockReturnValue(false);
    app.emit('window-all-closed');
    await vi.waitFor(() => expect(quit).toHaveBeenCalledTimes(1));
  });
});

describe('quitting', () => {
  it('during a repair is put off until the repair has come to its end', async () => {
    const { app, window, quit, becomeIdle } = stage(['undo.start']);
    const first = { preventDefault: vi.fn() };
    app.emit('before-quit', first);
    expect(first.preventDefault).toHaveBeenCalled();
    expect(window.close).toHaveBeenCalled();
    becomeIdle();
    await vi.waitFor(() => expect(quit).toHaveBeenCalled());
    const second = { preventDefault: vi.fn() };
    app.emit('before-quit', second);
    expect(second.preventDefault).not.toHaveBeenCalled();
  });
});

describe('SIGTERM', () => {
  it('asks work to stop at its next safe point, and waits for that', async () => {
    const { quit, cancelAll, becomeIdle } = stage(['repair.start']);
    process.emit('SIGTERM');
    expect(cancelAll).toHaveBeenCalled();
    expect(quit).not.toHaveBeenCalled();
    becomeIdle();
    await vi.waitFor(() => expect(quit).toHaveBeenCalled());
  });
});
