import { createStore, type StoreApi } from 'zustand/vanilla';
import { ok, type ErrorData, type Result } from '../../shared/error.ts';
import type {
  TransactionDetail,
  TransactionOutcome,
  TransactionSummary,
  UndoPreview,
} from '../../shared/history.ts';
import type { JobProgress } from '../../shared/job.ts';
import type { Message } from '../../shared/message.ts';
import { workAfter } from '../app/wizard.ts';
import { noWork, type WorkView } from '../app/wizard-state.ts';
import type { Client, StreamHandle } from '../bridge/client.ts';
import type { Transcript } from '../terminal/transcript.ts';
import { transcribe } from './wizard-store.ts';

export interface HistoryState {
  readonly status: 'none' | 'loading' | 'ready' | 'failed';
  readonly transactions: readonly TransactionSummary[];
  readonly error: ErrorData | null;
  readonly filter: string;
  readonly current: string | null;
  readonly detail: TransactionDetail | null;
  /** What undo would do now; null while it is being worked out or when there is nothing to undo. */
  readonly preview: UndoPreview | null;
  readonly detailError: ErrorData | null;
  readonly onConflict: 'keep' | 'restore';
  readonly work: {
    readonly kind: 'none' | 'undo' | 'redo';
    readonly view: WorkView;
    readonly outcome: TransactionOutcome | null;
    readonly error: ErrorData | null;
    readonly running: boolean;
  };
}

export interface HistoryControl {
  readonly store: StoreApi<HistoryState>;
  load(): Promise<void>;
  show(id: string): Promise<void>;
  filter(text: string): void;
  resolveConflictsBy(way: 'keep' | 'restore'): void;
  undo(): Promise<void>;
  redo(): Promise<void>;
  stop(): void;
}

export interface HistoryWorld {
  readonly client: Client;
  readonly transcript: Transcript;
  readonly now: () => number;
  readonly say: (message: Message) => string;
}

const idle: HistoryState['work'] = {
  kind: 'none',
  view: noWork,
  outcome: null,
  error: null,
  running: false,
};
const initialHistory: HistoryState = {
  status: 'none',
  transactions: [],
  error: null,
  filter: '',
  current: null,
  detail: null,
  preview: null,
  detailError: null,
  onConflict: 'keep',
  work: idle,
};

/** The history around a client. */
class History implements HistoryControl {
  readonly store = createStore<HistoryState>(() => initialHistory);
  readonly #world: HistoryWorld;
  #stop: () => void = () => undefined;

  constructor(world: HistoryWorld) {
    this.#world = world;
  }

  filter(filter: string): void {
    this.store.setState({ filter });
  }

  resolveConflictsBy(onConflict: 'keep' | 'restore'): void {
    this.store.setState({ onConflict });
  }

  stop(): void {
    this.#stop();
  }

  async load(): Promise<void> {
    if (this.store.getState().status === 'none') this.store.setState({ status: 'loading' });
    const list = await this.#whole();
    if (!list.ok) {
      this.store.setState({ status: 'failed', error: list.error });
      return;
    }
    const transactions = list.value;
    this.store.setState({ status: 'ready', transactions, error: null });
    const { current } = this.store.getState();
    const known = transactions.some((transaction) => transaction.id === current);
    const next = known ? current : (transactions[0]?.id ?? null);
    if (next !== null) await this.#fetchDetail(next);
    else this.store.setState({ current: null, detail: null, preview: null });
  }

  /** All entries, stretch by stretch: one message of ten thousand would hold the window up. */
  async #whole(): Promise<Result<TransactionSummary[]>> {
    const transactions: TransactionSummary[] = [];
    for (;;) {
      const offset = transactions.length;
      const page = await this.#world.client.call('history.list', { offset, limit: 1000 });
      if (!page.ok) return page;
      transactions.push(...page.value.transactions);
      if (page.value.transactions.length === 0 || transactions.length >= page.value.matching)
        return ok(transactions);
    }
  }

  async show(id: string): Promise<void> {
    if (this.store.getState().work.running) return;
    this.store.setState({ detail: null, preview: null, onConflict: 'keep', work: idle });
    await this.#fetchDetail(id);
  }

  async undo(): Promise<void> {
    const { current: id, preview, onConflict } = this.store.getState();
    if (id === null) return;
    const conflicts = (preview?.conflicts ?? 0) > 0;
    await this.#run('undo', (receive) =>
      this.#world.client.stream(
        'undo.start',
        { id, onConflict: conflicts ? onConflict : 'stop' },
        receive,
      ),
    );
  }

  async redo(): Promise<void> {
    const { current: id } = this.store.getState();
    if (id === null) return;
    await this.#run('redo', (receive) => this.#world.client.stream('redo.start', { id }, receive));
  }

  async #fetchDetail(id: string): Promise<void> {
    const { client } = this.#world;
    this.store.setState({ current: id, detailError: null });
    const [detail, preview] = await Promise.all([
      client.call('history.show', { id }),
      client.call('history.undoPreview', { id }),
    ]);
    // Somebody may have moved on to another row in the meantime.
    if (this.store.getState().current !== id) return;
    if (!detail.ok) {
      this.store.setState({ detail: null, preview: null, detailError: detail.error });
      return;
    }
    this.store.setState({
      detail: detail.value,
      preview: preview.ok && detail.value.canUndo ? preview.value : null,
      detailError: preview.ok || !detail.value.canUndo ? null : preview.error,
    });
  }

  async #run(
    kind: 'undo' | 'redo',
    start: (
      receive: (event: JobProgress) => void,
    ) => StreamHandle<'undo.start'> | StreamHandle<'redo.start'>,
  ): Promise<void> {
    const { transcript, say, now } = this.#world;
    if (this.store.getState().work.running) return;
    this.store.setState({ work: { ...idle, kind, running: true } });
    const job = start((event) => {
      transcribe(transcript, say, event);
      this.#work((work) => ({ view: workAfter(work.view, event, now()) }));
    });
    transcript.begin(job.acknowledge);
    this.#stop = () => {
      this.#work((work) => ({ view: { ...work.view, stopping: true } }));
      job.cancel();
    };
    const result = await job.result;
    this.#work(() => ({
      running: false,
      outcome: result.ok ? result.value : null,
      error: result.ok ? null : result.error,
    }));
    await this.load();
  }

  #work(change: (work: HistoryState['work']) => Partial<HistoryState['work']>): void {
    const { work } = this.store.getState();
    this.store.setState({ work: { ...work, ...change(work) } });
  }
}

/** Builds the history's state around a client. */
export function createHistory(world: HistoryWorld): HistoryControl {
  return new History(world);
}
