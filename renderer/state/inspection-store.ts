import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../shared/error.ts';
import type { JobProgress } from '../../shared/job.ts';
import type { LibcChangeReport } from '../../shared/libc-change.ts';
import type { Message } from '../../shared/message.ts';
import type { TraceReport } from '../../shared/trace.ts';
import type { Client } from '../bridge/client.ts';
import type { Transcript } from '../terminal/transcript.ts';
import { transcribe } from './wizard-store.ts';

/** A job that ends in a report to look at. */
export interface Work<T> {
  readonly running: boolean;
  readonly stopping: boolean;
  readonly phase: Message | null;
  readonly report: T | null;
  readonly error: ErrorData | null;
}

/** Launches and comparisons: they go on while other screens are looked at. */
export interface InspectionState {
  readonly trace: Work<TraceReport> & {
    /** Id of the program that runs or ran. */
    readonly program: string | null;
    readonly startedAt: number | null;
  };
  readonly change: Work<LibcChangeReport>;
}

export interface InspectionControl {
  readonly store: StoreApi<InspectionState>;
  /** Runs a program; the button that says so is the consent. */
  trace(program: string, args: 'none' | 'version'): Promise<void>;
  stopTrace(): void;
  /** Asks for a package or directory in the desktop's dialog, then compares. */
  compare(target: 'package' | 'directory'): Promise<void>;
  stopComparing(): void;
}

const idle = { running: false, stopping: false, phase: null, report: null, error: null };
const initial: InspectionState = {
  trace: { ...idle, program: null, startedAt: null },
  change: idle,
};

/** What the inspections need from their surroundings. */
export interface InspectionWorld {
  readonly client: Client;
  readonly transcript: Transcript;
  readonly now: () => number;
  readonly say: (message: Message) => string;
}

/** Builds the state of launches and comparisons around a client. */
export function createInspections(world: InspectionWorld): InspectionControl {
  const { client, transcript, say } = world;
  const store = createStore<InspectionState>(() => initial);
  const change = <K extends keyof InspectionState>(part: K, now: Partial<InspectionState[K]>) =>
    store.setState((state) => ({ ...state, [part]: { ...state[part], ...now } }));
  let stopTrace: () => void = () => undefined;
  let stopComparing: () => void = () => undefined;
  return {
    store,
    stopTrace: () => stopTrace(),
    stopComparing: () => stopComparing(),
    async trace(program, args) {
      if (store.getState().trace.running) return;
      change('trace', { ...idle, running: true, program, startedAt: world.now() });
      const job = client.stream('trace.start', { id: program, arguments: args }, (event) => {
        transcribe(transcript, say, event);
        if (event.type === 'phase') change('trace', { phase: event.phase });
      });
      transcript.begin(job.acknowledge);
      stopTrace = () => {
        change('trace', { stopping: true });
        job.cancel();
      };
      const result = await job.result;
      change('trace', {
        running: false,
        report: result.ok ? result.value : null,
        error: result.ok ? null : result.error,
      });
    },
    async compare(target) {
      if (store.getState().change.running) return;
      const before = store.getState().change.report;
      change('change', { ...idle, running: true });
      const job = client.stream('upgrade.start', { target }, (event: JobProgress) => {
        if (event.type === 'phase') change('change', { phase: event.phase });
      });
      stopComparing = () => {
        change('change', { stopping: true });
        job.cancel();
      };
      const result = await job.result;
      change('change', {
        running: false,
        // Thought better of it in the dialog: what was there before is shown again.
        report: result.ok ? (result.value.report ?? before) : null,
        error: result.ok ? null : result.error,
      });
    },
  };
}
