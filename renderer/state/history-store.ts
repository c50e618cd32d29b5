import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../shared/error.ts';
import type {
  TransactionDetail,
  TransactionOutcome,
  TransactionSummary,
  UndoPreview,
} from '../../shared/history.ts';
import type { Message } from '../../shared/message.ts';
import { workAfter } from '../app/wizard.ts';
import { noWork, type WorkView } from '../app/wizard-state.ts';
import type { Client } from '../bridge/client.ts';
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

/** Builds the history's state around a client. */
export function createHistory(world: HistoryWorld): HistoryControl {
  const { client } = world;
  const store = createStore<HistoryState>(() => initialHistory);
  let cancel: () => void = () => undefined;

  async function load(): Promise<void> {
    if (store.getState().status === 'none') store.setState({ status: 'loading' });
    const list = await client.call('history.list', {});
    if (!list.ok) {
      store.setState({ status: 'failed', error: list.error });
      return;
    }
    const { transactions } = list.value;
    store.setState({ status: 'ready', transactions, error: null });
    const { current } = store.getState();
    const known = transactions.some((transaction) => transaction.id === current);
    const next = known ? current : (transactions[0]?.id ?? null);
    if (next !== null) await fetchDetail(next);
    else store.setState({ current: null, detail: null, preview: null });
  }

  async function fetchDetail(id: string): Promise<void> {
    store.setState({ current: id, detailError: null });
    const [detail, preview] = await Promise.all([
      client.call('history.show', { id }),
      client.call('history.undoPreview', { id }),
    ]);
    // Somebody may have moved on to another row in the meantime.
    if (store.getState().current !== id) return;
    if (!detail.ok) {
      store.setState({ detail: null, preview: null, detailError: detail.error });
      return;
    }
    store.setState({
      detail: detail.value,
      preview: preview.ok && detail.value.canUndo ? preview.value : null,
      detailError: preview.ok || !detail.value.canUndo ? null : preview.error,
    });
  }

  async function show(id: string): Promise<void> {
    if (store.getState().work.running) return;
    store.setState({ detail: null, preview: null, onConflict: 'keep', work: idle });
    await fetchDetail(id);
  }

  async function run(kind: 'undo' | 'redo'): Promise<void> {
    const { current: id, preview, onConflict, work } = store.getState();
    if (id === null || work.running) return;
    store.setState({ work: { ...idle, kind, running: true } });
    const receive = (event: Parameters<typeof workAfter>[1]) => {
      transcribe(world.transcript, world.say, event);
      const { work: before } = store.getState();
      store.setState({ work: { ...before, view: workAfter(before.view, event, world.now()) } });
    };
    const job =
      kind === 'undo'
        ? client.stream(
            'undo.start',
            { id, onConflict: (preview?.conflicts ?? 0) > 0 ? onConflict : 'stop' },
            receive,
          )
        : client.stream('redo.start', { id }, receive);
    world.transcript.begin((characters) => job.acknowledge(characters));
    cancel = () => {
      const { work: before } = store.getState();
      store.setState({ work: { ...before, view: { ...before.view, stopping: true } } });
      job.cancel();
    };
    const result = await job.result;
    const { work: last } = store.getState();
    store.setState({
      work: {
        ...last,
        running: false,
        outcome: result.ok ? result.value : null,
        error: result.ok ? null : result.error,
      },
    });
    await load();
  }

  return {
    store,
    load,
    show,
    filter: (filter) => store.setState({ filter }),
    resolveConflictsBy: (onConflict) => store.setState({ onConflict }),
    undo: () => run('undo'),
    redo: () => run('redo'),
    stop: () => cancel(),
  };
}
