import { parentPort, type MessagePort } from 'node:worker_threads';
import { DevmendError, ok, type Result } from '../../shared/error.ts';
import type { CommandOutcome, CommandRunner } from '../engine/command.ts';
import { createPipeline } from '../engine/create-pipeline.ts';
import { hostMachine } from '../engine/host.ts';
import type { JobContext } from '../engine/job.ts';
import type { Pipeline, ScanOutcome } from '../engine/pipeline.ts';
import type { CommandEnd, EngineTask, FromEngine, ToEngine } from './engine-protocol.ts';

// Electron shows an archive as a directory to fs; the engine has to see (and copy) the
// file that is really there, in an editor's installation as everywhere else.
(process as NodeJS.Process & { noAsar?: boolean }).noAsar = true;

interface OpenCommand {
  readonly onOutput: (text: string) => void;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** The engine's end of the thread: tasks come in, events and results go out. */
function serve(port: MessagePort): void {
  const post = (message: FromEngine): void => port.postMessage(message);
  const controllers = new Map<number, AbortController>();
  const commands = new Map<number, OpenCommand>();
  let lastCommand = 0;
  let lastScan: ScanOutcome | null = null;

  function runnerFor(task: number): CommandRunner {
    return (spec, onOutput, signal) =>
      new Promise((resolve, reject) => {
        lastCommand += 1;
        const command = lastCommand;
        const cancel = (): void => post({ type: 'command-cancel', command });
        const settle = (): void => signal.removeEventListener('abort', cancel);
        commands.set(command, {
          onOutput: (text) => {
            onOutput(text);
            post({ type: 'command-taken', task, characters: text.length });
          },
          resolve: (outcome) => {
            settle();
            resolve(outcome);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
        });
        post({ type: 'command', task, command, spec });
        if (signal.aborted) cancel();
        else signal.addEventListener('abort', cancel, { once: true });
      });
  }

  async function work(task: number, request: EngineTask): Promise<void> {
    const controller = new AbortController();
    controllers.set(task, controller);
    const job: JobContext = {
      emit: (event) => post({ type: 'event', task, event }),
      signal: controller.signal,
    };
    try {
      const pipeline = createPipeline(hostMachine({ run: runnerFor(task) }));
      post({ type: 'result', task, result: await perform(pipeline, request, job) });
    } catch (error) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (error instanceof DevmendError) {
        post({ type: 'result', task, result: { ok: false, error: error.data } });
      } else {
        post({ type: 'failure', task, stack });
      }
    } finally {
      controllers.delete(task);
    }
  }

  async function perform(
    pipeline: Pipeline,
    request: EngineTask,
    job: JobContext,
  ): Promise<Result<unknown>> {
    switch (request.method) {
      case 'scan': {
        const scanned = await pipeline.scan({ programs: request.programs }, job);
        if (!scanned.ok) return scanned;
        lastScan = scanned.value;
        return ok(scanned.value.report);
      }
      case 'plan': {
        lastScan ??= await scanAfresh(pipeline, request.programs, job);
        return pipeline.plan(lastScan, request.requests, job);
      }
      case 'apply':
        return pipeline.apply(request.plan, job);
      case 'history':
        return pipeline.history();
      case 'show':
        return pipeline.show(request.id);
      case 'undoPreview':
        return pipeline.undoPreview(request.id);
      case 'undo':
        return pipeline.undo(request.id, request.onConflict, job);
      case 'redo':
        return pipeline.redo(request.id, job);
      case 'recoveryStatus':
        return pipeline.recoveryStatus();
      case 'recover':
        return pipeline.recover(job);
    }
  }

  function commandEnded(command: number, end: CommandEnd): void {
    const open = commands.get(command);
    commands.delete(command);
    if (end.started) open?.resolve(end.outcome);
    else open?.reject(Object.assign(new Error(end.message), { code: end.code }));
  }

  port.on('message', (message: ToEngine) => {
    switch (message.type) {
      case 'task':
        void work(message.task, message.work);
        return;
      case 'cancel':
        controllers.get(message.task)?.abort();
        return;
      case 'command-output':
        commands.get(message.command)?.onOutput(message.text);
        return;
      case 'command-end':
        commandEnded(message.command, message.end);
    }
  });
}

async function scanAfresh(
  pipeline: Pipeline,
  programs: readonly string[],
  job: JobContext,
): Promise<ScanOutcome> {
  const scanned = await pipeline.scan({ programs }, job);
  if (scanned.ok) return scanned.value;
  throw new DevmendError(scanned.error.code, scanned.error.params);
}

if (parentPort === null) throw new Error('the engine runs as a worker thread only');
serve(parentPort);
