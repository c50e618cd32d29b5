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
import { Batch } from './batch.ts';

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

/** The wizard around a client: runs its jobs and feeds what they tell into the reducer. */
class Wizard implements WizardControl {
  readonly store = createStore<WizardState>(() => initialWizard);
  readonly #world: WizardWorld;
  #stop: () => void = () => undefined;

  constructor(world: WizardWorld) {
    this.#world = world;
  }

  dispatch(action: WizardAction): void {
    this.store.setState(wizardReducer(this.store.getState(), action), true);
  }

  stop(): void {
    this.#stop();
  }

  async restore(): Promise<void> {
    const last = await this.#world.client.call('scan.last', {});
    if (!last.ok || last.value.report === null) return;
    if (this.store.getState().scan.status !== 'never') return;
    this.dispatch({ type: 'scan/restored', report: last.value.report });
  }

  async scan(): Promise<void> {
    if (isBusy(this.store.getState())) return;
    this.dispatch({ type: 'scan/started' });
    const events = new Batch<JobProgress>((batch) =>
      this.dispatch({ type: 'scan/progress', events: batch, at: this.#world.now() }),
    );
    const job = this.#world.client.stream('scan.start', {}, (event) => events.add(event));
    this.#stopsBy(job.cancel, 'scan/stopping');
    const result = await job.result;
    events.flush();
    this.dispatch(
      result.ok
        ? { type: 'scan/finished', report: result.value }
        : { type: 'scan/failed', error: result.error },
    );
  }

  async makePlan(): Promise<void> {
    const state = this.store.getState();
    const requests = selectedFindings(state, this.#world.dismissed()).map((finding) => {
      const { repair, choices } = decisionOf(state, finding);
      return { finding: finding.id, repair: repair ?? '', choices: { ...choices } };
    });
    if (requests.length === 0 || isBusy(state)) return;
    this.dispatch({ type: 'plan/started' });
    const job = this.#world.client.stream('plan.start', { requests }, (event) => {
      this.dispatch({ type: 'plan/progress', event, at: this.#world.now() });
    });
    this.#stopsBy(job.cancel, 'plan/stopping');
    const result = await job.result;
    this.dispatch(
      result.ok
        ? { type: 'plan/finished', review: result.value }
        : { type: 'plan/failed', error: result.error },
    );
  }

  async apply(): Promise<void> {
    const state = this.store.getState();
    const plan = state.plan.review?.plan;
    if (plan === undefined || isBusy(state)) return;
    const { client, transcript, say, now, historyChanged } = this.#world;
    this.dispatch({ type: 'repair/started' });
    const job = client.stream('repair.start', { plan: plan.id }, (event) => {
      transcribe(transcript, say, event);
      this.dispatch({ type: 'repair/progress', event, at: now() });
    });
    transcript.begin(job.acknowledge);
    this.#stopsBy(job.cancel, 'repair/stopping');
    const result = await job.result;
    this.dispatch(
      result.ok
        ? { type: 'repair/finished', outcome: result.value }
        : { type: 'repair/failed', error: result.error },
    );
    historyChanged();
  }

  #stopsBy(cancel: () => void, type: 'scan/stopping' | 'plan/stopping' | 'repair/stopping'): void {
    this.#stop = () => {
      this.dispatch({ type });
      cancel();
    };
  }
}

/** Builds the wizard around a client. */
export function createWizard(world: WizardWorld): WizardControl {
  return new Wizard(world);
}

/** Whether a job of the wizard is running. */
export function isBusy(state: WizardState): boolean {
  return (
    state.scan.status === 'running' ||
    state.plan.status === 'working' ||
    state.repair.status === 'running'
  );
}
