import { Worker } from 'node:worker_threads';
import type { FromEngine, ToEngine } from './engine-protocol.ts';

/** The engine's thread, started when first needed and again after a crash. */
export interface EngineThread {
  readonly post: (message: ToEngine) => void;
  /** Makes sure that the thread runs. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

export function createEngineThread(
  file: string,
  onMessage: (message: FromEngine) => void,
  onBroken: (error: Error) => void,
): EngineThread {
  let worker: Worker | null = null;

  function broken(which: Worker, error: Error): void {
    if (worker !== which) return;
    worker = null;
    onBroken(error);
  }

  return {
    // What is for a thread that is gone is for nobody: its tasks have been answered.
    post: (message) => worker?.postMessage(message),
    start() {
      if (worker !== null) return;
      const created = new Worker(file);
      created.on('message', onMessage);
      created.on('error', (error) => broken(created, error));
      created.on('exit', (code) => broken(created, new Error(`the engine thread ended: ${code}`)));
      worker = created;
    },
    async stop() {
      const stopping = worker;
      worker = null;
      await stopping?.terminate();
    },
  };
}
