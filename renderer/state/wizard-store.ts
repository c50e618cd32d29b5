import { createStore, type StoreApi } from 'zustand/vanilla';
import type { JobProgress } from '../../shared/job.ts';
import type { Message } from '../../shared/message.ts';
import { wizardReducer } from '../app/wizard.ts';
import {
  decisionOf,
  initialWizard,
  selectedFindings,
  type WizardAction,
  type WizardState,
} from '../app/wizard-state.ts';
import type { Client } from '../bridge/client.ts';
import type { Transcript } from '../terminal/transcript.ts';

/** What the wizard's work needs from its surroundings. */
export interface WizardWorld {
  readonly client: Client;
  readonly transcript: Transcript;
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  readonly say: (message: Message) => string;
  readonly dismissed: () => readonly string[];
  /** Called when the journal may have changed. */
  readonly historyChanged: () => void;
}

/** The wizard's state and everything that can be asked of it. */
export interface WizardControl {
  readonly store: StoreApi<WizardState>;
  dispatch(action: WizardAction): void;
  /** Shows the last scan of this session or an earlier one, if there is one. */
  restore(): Promise<void>;
  scan(): Promise<void>;
  makePlan(): Promise<void>;
  apply(): Promise<void>;
  /** Asks whatever runs to stop. */
  stop(): void;
}

/** Sends a job's output to the terminal. */
export function transcribe(
  transcript: Transcript,
  say: (message: Message) => string,
  event: JobProgress,
): void {
  if (event.type === 'note') transcript.note(say(event.note));
  if (event.type !== 'output') return;
  if (event.stream === 'command') transcript.command(event.text);
  else transcript.data(event.text);
}

/** Builds the wizard around a client. */
export function createWizard(world: WizardWorld): WizardControl {
  const store = createStore<WizardState>(() => initialWizard);
  const dispatch = (action: WizardAction) => {
    store.setState(wizardReducer(store.getState(), action), true);
  };
  let cancel: () => void = () => undefined;

  async function restore(): Promise<void> {
    const last = await world.client.call('scan.last', {});
    if (last.ok && last.value.report !== null && store.getState().scan.status === 'never') {
      dispatch({ type: 'scan/restored', report: last.value.report });
    }
  }

  async function scan(): Promise<void> {
    if (isBusy(store.getState())) return;
    dispatch({ type: 'scan/started' });
    const job = world.client.stream('scan.start', {}, (event) => {
      dispatch({ type: 'scan/progress', event, at: world.now() });
    });
    cancel = () => {
      dispatch({ type: 'scan/stopping' });
      job.cancel();
    };
    const result = await job.result;
    dispatch(
      result.ok
        ? { type: 'scan/finished', report: result.value }
        : { type: 'scan/failed', error: result.error },
    );
  }

  async function makePlan(): Promise<void> {
    const state = store.getState();
    const requests = selectedFindings(state, world.dismissed()).map((finding) => {
      const { repair, choices } = decisionOf(state, finding);
      return { finding: finding.id, repair: repair ?? '', choices: { ...choices } };
    });
    if (requests.length === 0 || isBusy(state)) return;
    dispatch({ type: 'plan/started' });
    const job = world.client.stream('plan.start', { requests }, (event) => {
      dispatch({ type: 'plan/progress', event, at: world.now() });
    });
    cancel = () => {
      dispatch({ type: 'plan/stopping' });
      job.cancel();
    };
    const result = await job.result;
    dispatch(
      result.ok
        ? { type: 'plan/finished', review: result.value }
        : { type: 'plan/failed', error: result.error },
    );
  }

  async function apply(): Promise<void> {
    const state = store.getState();
    const plan = state.plan.review?.plan;
    if (plan === undefined || isBusy(state)) return;
    dispatch({ type: 'repair/started' });
    const job = world.client.stream('repair.start', { plan: plan.id }, (event) => {
      transcribe(world.transcript, world.say, event);
      dispatch({ type: 'repair/progress', event, at: world.now() });
    });
    world.transcript.begin((characters) => job.acknowledge(characters));
    cancel = () => {
      dispatch({ type: 'repair/stopping' });
      job.cancel();
    };
    const result = await job.result;
    dispatch(
      result.ok
        ? { type: 'repair/finished', outcome: result.value }
        : { type: 'repair/failed', error: result.error },
    );
    world.historyChanged();
  }

  return { store, dispatch, restore, scan, makePlan, apply, stop: () => cancel() };
}

/** Whether a job of the wizard is running. */
export function isBusy(state: WizardState): boolean {
  return (
    state.scan.status === 'running' ||
    state.plan.status === 'working' ||
    state.repair.status === 'running'
  );
}
