import { Worker } from 'node:worker_threads';
import type { Result } from '../../shared/error.ts';
import type { JobProgress } from '../../shared/job.ts';
import type { CommandRunner } from '../engine/command.ts';
import type { JobFlow } from '../ipc/jobs.ts';
import type { EngineTask, FromEngine, ToEngine } from './engine-protocol.ts';

/** What a task is given: where its events go, how it is cancelled, what holds its programs back. */
export interface TaskContext {
  readonly emit: (event: JobProgress) => void;
  readonly signal: AbortSignal;
  readonly flow: JobFlow;
}

/** The engine, as the main process sees it. */
export interface Engine {
  /** Rejects when the engine itself broke; what can happen to a person is a value. */
  readonly run: (task: EngineTask, context?: TaskContext) => Promise<Result<unknown>>;
  readonly stop: () => Promise<void>;
}

export interface EngineOptions {
  readonly workerFile: string;
  /** Makes the runner for the commands of one task. */
  readonly runnerFor: (flow: JobFlow) => CommandRunner;
}

interface PendingTask {
  readonly context: TaskContext;
  readonly resolve: (result: Result<unknown>) => void;
  readonly reject: (error: Error) => void;
}

const noFlow: JobFlow = {
  sent: () => undefined,
  taken: () => undefined,
  attach: () => () => undefined,
  release: () => undefined,
};

/**
 * Runs the engine in a worker thread, started with the first task and again
 * after a crash. Commands come back from it and are run here, where node-pty is.
 */
export function createEngine(options: EngineOptions): Engine {
  const tasks = new Map<number, PendingTask>();
  const commands = new Map<number, AbortController>();
  let worker: Worker | null = null;
  let lastTask = 0;

  function post(message: ToEngine): void {
    worker?.postMessage(message);
  }

  function started(): Worker {
    if (worker !== null) return worker;
    const created = new Worker(options.workerFile, { stdout: false, stderr: false });
    created.on('message', (message: FromEngine) => receive(message));
    created.on('error', (error) => broken(created, error));
    created.on('exit', (code) => broken(created, new Error(`the engine thread ended (${code})`)));
    worker = created;
    return created;
  }

  function broken(which: Worker, error: Error): void {
    if (worker !== which) return;
    worker = null;
    for (const controller of commands.values()) controller.abort();
    commands.clear();
    const pending = [...tasks.values()];
    tasks.clear();
    for (const task of pending) task.reject(error);
  }

  function receive(message: FromEngine): void {
    if (message.type === 'command-cancel') {
      commands.get(message.command)?.abort();
      return;
    }
    const task = tasks.get(message.task);
    if (task === undefined) return;
    switch (message.type) {
      case 'event':
        task.context.emit(message.event);
        return;
      case 'result':
        tasks.delete(message.task);
        task.resolve(message.result);
        return;
      case 'failure':
        tasks.delete(message.task);
        task.reject(Object.assign(new Error('the engine failed'), { stack: message.stack }));
        return;
      case 'command-taken':
        task.context.flow.taken(message.characters);
        return;
      case 'command':
        void runCommand(message, task.context.flow);
    }
  }

  /** Output counts as on its way from here to the engine, and again from the engine to the window. */
  async function runCommand(
    { command, spec }: Extract<FromEngine, { type: 'command' }>,
    flow: JobFlow,
  ): Promise<void> {
    const controller = new AbortController();
    commands.set(command, controller);
    try {
      const onOutput = (text: string): void => {
        flow.sent(text.length);
        post({ type: 'command-output', command, text });
      };
      const outcome = await options.runnerFor(flow)(spec, onOutput, controller.signal);
      post({ type: 'command-end', command, end: { started: true, outcome } });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      post({
        type: 'command-end',
        command,
        end: { started: false, code: code ?? 'EUNKNOWN', message },
      });
    } finally {
      commands.delete(command);
    }
  }

  return {
    run(work, context) {
      const own = context ?? {
        emit: () => undefined,
        signal: new AbortController().signal,
        flow: noFlow,
      };
      lastTask += 1;
      const task = lastTask;
      const target = started();
      const cancel = (): void => post({ type: 'cancel', task });
      return new Promise<Result<unknown>>((resolve, reject) => {
        tasks.set(task, { context: own, resolve, reject });
        target.postMessage({ type: 'task', task, work } satisfies ToEngine);
        if (own.signal.aborted) cancel();
        else own.signal.addEventListener('abort', cancel, { once: true });
      }).finally(() => own.signal.removeEventListener('abort', cancel));
    },
    async stop() {
      const stopping = worker;
      worker = null;
      await stopping?.terminate();
    },
  };
}
