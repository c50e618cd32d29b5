import type { Result } from '../../shared/error.ts';
import type { JobProgress } from '../../shared/job.ts';
import type { CommandRunner } from '../engine/command.ts';
import type { JobFlow } from '../ipc/jobs.ts';
import { createEngineCommands } from './engine-commands.ts';
import type { EngineTask, FromEngine } from './engine-protocol.ts';
import { createEngineThread } from './engine-thread.ts';

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

/** For questions that nobody watches: no events, no cancel, no programs to hold back. */
function unwatched(): TaskContext {
  const nothing = (): void => undefined;
  return {
    emit: nothing,
    signal: new AbortController().signal,
    flow: { sent: nothing, taken: nothing, attach: () => nothing, release: nothing },
  };
}

/** Runs the engine in a worker thread; its commands come back and are run here. */
export function createEngine(options: EngineOptions): Engine {
  const tasks = new Map<number, PendingTask>();
  let lastTask = 0;
  const thread = createEngineThread(options.workerFile, receive, (error) => {
    commands.cancelAll();
    const pending = [...tasks.values()];
    tasks.clear();
    for (const task of pending) task.reject(error);
  });
  const commands = createEngineCommands(options.runnerFor, thread.post);

  function receive(message: FromEngine): void {
    if (message.type === 'command-cancel') {
      commands.cancel(message.command);
      return;
    }
    const task = tasks.get(message.task);
    if (task === undefined) return;
    if (message.type === 'result' || message.type === 'failure') tasks.delete(message.task);
    switch (message.type) {
      case 'event':
        return task.context.emit(message.event);
      case 'result':
        return task.resolve(message.result);
      case 'failure':
        return task.reject(Object.assign(new Error('the engine failed'), { stack: message.stack }));
      case 'command-taken':
        return task.context.flow.taken(message.characters);
      case 'command':
        void commands.run(message, task.context.flow);
    }
  }

  return {
    async run(work, context = unwatched()) {
      lastTask += 1;
      const task = lastTask;
      const cancel = (): void => thread.post({ type: 'cancel', task });
      thread.start();
      const result = new Promise<Result<unknown>>((resolve, reject) => {
        tasks.set(task, { context, resolve, reject });
      });
      thread.post({ type: 'task', task, work });
      if (context.signal.aborted) cancel();
      else context.signal.addEventListener('abort', cancel, { once: true });
      try {
        return await result;
      } finally {
        context.signal.removeEventListener('abort', cancel);
      }
    },
    stop: thread.stop,
  };
}
