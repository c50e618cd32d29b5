import { randomUUID } from 'node:crypto';
import type { Envelope } from '../../shared/contract.ts';
import type { ErrorData } from '../../shared/error.ts';
import { jobProgressSchema, jobReplySchema, type JobEvent } from '../../shared/job.ts';
import type { JobContext } from '../engine/job.ts';
import type { FailureLog } from './envelope.ts';

/** The main side's end of a job's port (Electron's MessagePortMain, or a test's). */
export interface JobPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
}

/** Holds programs back while too much of their output is on its way (`terminal/flow-control.ts`). */
export interface JobFlow {
  readonly sent: (characters: number) => void;
  readonly taken: (characters: number) => void;
  readonly attach: (source: {
    readonly pause: () => void;
    readonly resume: () => void;
  }) => () => void;
  readonly release: () => void;
}

/** What a stream of the contract is given to work with. */
export interface StreamContext extends JobContext {
  readonly flow: JobFlow;
}

export interface JobStart {
  readonly name: string;
  readonly port: JobPort;
  /** What happens when the window goes away: work that changes the machine is finished. */
  readonly whenAbandoned: 'cancel' | 'finish';
  readonly work: (context: StreamContext) => Promise<Envelope<unknown>>;
}

export interface Jobs {
  /** Starts a job and answers its id; null when too many run already. */
  readonly start: (job: JobStart) => string | null;
  /** False when there is no such job (it may just have ended). */
  readonly cancel: (id: string) => boolean;
  readonly cancelAll: () => void;
  /** Names of the running jobs that are to be finished even without a window. */
  readonly unfinished: () => readonly string[];
  /** Resolves when no job runs. */
  readonly idle: () => Promise<void>;
}

/** A window has no reason to run more; a hostile one must not be able to. */
const MOST_JOBS = 8;

interface Running {
  readonly name: string;
  readonly whenAbandoned: JobStart['whenAbandoned'];
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** The jobs of the app: numbered events, `done` last, cancel by id, flow control by acknowledgement. */
export function createJobs(log: FailureLog, createFlow: () => JobFlow): Jobs {
  const running = new Map<string, Running>();

  function start(job: JobStart): string | null {
    if (running.size >= MOST_JOBS) return null;
    const id = randomUUID();
    const controller = new AbortController();
    const flow = createFlow();
    const send = listenTo(job, controller, flow);
    const context: StreamContext = {
      signal: controller.signal,
      flow,
      emit: (event) => {
        const checked = jobProgressSchema.safeParse(event);
        if (!checked.success) {
          log({ correlationId: id, where: `${job.name} event`, error: checked.error });
          return;
        }
        if (isProgramOutput(checked.data)) flow.sent(checked.data.text.length);
        send(checked.data);
      },
    };
    // Begun in a later turn, so that the answer with the id is on its way before the first event.
    const ended = Promise.resolve()
      .then(() => job.work(context))
      .then((answer) => send(doneEvent(answer)))
      .finally(() => {
        flow.release();
        running.delete(id);
      });
    running.set(id, { name: job.name, whenAbandoned: job.whenAbandoned, controller, ended });
    return id;
  }

  return {
    start,
    cancel(id) {
      running.get(id)?.controller.abort();
      return running.has(id);
    },
    cancelAll() {
      for (const { controller } of running.values()) controller.abort();
    },
    unfinished: () =>
      [...running.values()].filter((job) => job.whenAbandoned === 'finish').map(({ name }) => name),
    async idle() {
      while (running.size > 0) {
        await Promise.allSettled([...running.values()].map((job) => job.ended));
      }
    },
  };
}

/** Wires a job to its port; answers the function that sends the next event. */
function listenTo(
  job: JobStart,
  controller: AbortController,
  flow: JobFlow,
): (event: JobEvent['event']) => void {
  let open = true;
  let sequence = 0;
  job.port.on('message', ({ data }) => {
    const reply = jobReplySchema.safeParse(data);
    if (reply.success) flow.taken(reply.data.characters);
  });
  job.port.on('close', () => {
    open = false;
    flow.release();
    if (job.whenAbandoned === 'cancel') controller.abort();
  });
  job.port.start();
  return (event) => {
    if (!open) return;
    sequence += 1;
    if (event.type === 'done') open = false;
    job.port.postMessage({ sequence, event } satisfies JobEvent);
  };
}

function isProgramOutput(
  event: Exclude<JobEvent['event'], { type: 'done' }>,
): event is Extract<JobEvent['event'], { type: 'output' }> {
  return event.type === 'output' && event.stream === 'data';
}

function doneEvent(answer: Envelope<unknown>): JobEvent['event'] {
  if (answer.ok) return { type: 'done', ok: true, result: answer.data };
  const error: ErrorData = answer.error;
  return { type: 'done', ok: false, error };
}
