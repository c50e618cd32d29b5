import { parentPort, type MessagePort } from 'node:worker_threads';
import { DevmendError, ok, type Result } from '../../shared/error.ts';
import { createInspection } from '../engine/create-inspection.ts';
import { createPipeline } from '../engine/create-pipeline.ts';
import { hostMachine } from '../engine/host.ts';
import type { JobContext } from '../engine/job.ts';
import type { Pipeline, ScanOutcome } from '../engine/pipeline.ts';
import type { Machine } from '../engine/machine.ts';
import { inspect, isInspection, type InspectionTask } from './engine-inspection.ts';
import type { EngineTask, FromEngine, ToEngine } from './engine-protocol.ts';
import { createRemoteCommands } from './engine-remote-commands.ts';

// Electron shows an archive as a directory to fs; the engine has to see (and copy) the
// file that is really there, in an editor's installation as everywhere else.
(process as NodeJS.Process & { noAsar?: boolean }).noAsar = true;

type PipelineTask = Exclude<EngineTask, InspectionTask>;

/** What the engine remembers between tasks: plans are worked out from the last scan. */
interface Memory {
  scan: ScanOutcome | null;
}

/** The engine's end of the thread: tasks come in, events and results go out. */
function serve(port: MessagePort): void {
  const post = (message: FromEngine): void => port.postMessage(message);
  const controllers = new Map<number, AbortController>();
  const commands = createRemoteCommands(post);
  const memory: Memory = { scan: null };

  async function work(task: number, request: EngineTask): Promise<void> {
    const controller = new AbortController();
    controllers.set(task, controller);
    const job: JobContext = {
      emit: (event) => post({ type: 'event', task, event }),
      signal: controller.signal,
    };
    try {
      const machine = hostMachine({ run: commands.runnerFor(task) });
      post({ type: 'result', task, result: await answer(machine, memory, request, job) });
    } catch (error) {
      if (error instanceof DevmendError) {
        post({ type: 'result', task, result: { ok: false, error: error.data } });
      } else {
        const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
        post({ type: 'failure', task, stack });
      }
    } finally {
      controllers.delete(task);
    }
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
        commands.output(message);
        return;
      case 'command-end':
        commands.end(message);
    }
  });
}

function answer(
  machine: Machine,
  memory: Memory,
  request: EngineTask,
  job: JobContext,
): Promise<Result<unknown>> {
  return isInspection(request)
    ? inspect(createInspection(machine), memory.scan, request, job)
    : perform(createPipeline(machine), memory, request, job);
}

async function perform(
  pipeline: Pipeline,
  memory: Memory,
  request: PipelineTask,
  job: JobContext,
): Promise<Result<unknown>> {
  switch (request.method) {
    case 'scan': {
      const scanned = await scan(pipeline, memory, request.programs, job);
      return scanned.ok ? ok(scanned.value.report) : scanned;
    }
    case 'plan': {
      const scanned = memory.scan
        ? ok(memory.scan)
        : await scan(pipeline, memory, request.programs, job);
      return scanned.ok ? pipeline.plan(scanned.value, request.requests, job) : scanned;
    }
    case 'apply':
      return pipeline.apply(request.plan, job);
    case 'history':
      return pipeline.historyPage(request.query);
    case 'pin':
      return pipeline.pin(request.id, request.pinned);
    case 'exportEntry':
      return pipeline.exportEntry(request.id, request.form, request.language);
    case 'retentionPreview':
      return pipeline.retentionPreview(request.limits);
    case 'prune':
      return pipeline.prune(request.limits, request.expected);
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

async function scan(
  pipeline: Pipeline,
  memory: Memory,
  programs: readonly string[],
  job: JobContext,
): Promise<Result<ScanOutcome>> {
  const scanned = await pipeline.scan({ programs }, job);
  if (scanned.ok) memory.scan = scanned.value;
  return scanned;
}

if (parentPort === null) throw new Error('the engine runs as a worker thread only');
serve(parentPort);
