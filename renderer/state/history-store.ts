import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ErrorData } from '../../shared/error.ts';
import type { TransactionDetail, TransactionOutcome, UndoPreview } from '../../shared/history.ts';
import type { JobProgress } from '../../shared/job.ts';
import type { Message } from '../../shared/message.ts';
import { workAfter } from '../app/wizard.ts';
import { noWork, type WorkView } from '../app/wizard-state.ts';
import type { Client, StreamHandle } from '../bridge/client.ts';
import type { Transcript } from '../terminal/transcript.ts';
import {
  entryAt,
  indexOf,
  noFilter,
  noPages,
  PAGE_SIZE,
  queryOf,
  withPage,
  type HistoryFilter,
  type HistoryPages,
} from './history-pages.ts';
import { transcribe } from './wizard-store.ts';

export interface HistoryState {
  readonly status: 'none' | 'loading' | 'ready' | 'failed';
  /** What has been fetched of the entries that the filter lets through. */
  readonly list: HistoryPages;
  readonly error: ErrorData | null;
  readonly filter: HistoryFilter;
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
  /** Shows the entry at a place of the list, which may have to be fetched first. */
  showAt(index: number): Promise<void>;
  /** Fetches what is missing between two places of the list, both included. */
  need(first: number, last: number): Promise<void>;
  filter(change: Partial<HistoryFilter>): Promise<void>;
  /** Keeps the repair in view for good, or no longer; null when that failed. */
  pin(pinned: boolean): Promise<TransactionDetail['summary'] | null>;
  /** Saves the entry in view as a report, through the desktop's dialog. */
  exportAs(form: 'markdown' | 'json'): Promise<boolean>;
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
  list: noPages,
  error: null,
  filter: noFilter,
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
  /** Counts up whenever the list is read afresh. */
  #generation = 0;
  /** Pages of this generation that are under way. */
  readonly #asked = new Map<number, Promise<void>>();
  #stale = false;
  #reading: Promise<boolean> | null = null;
  #inView: readonly [number, number] = [0, 0];
  #filling: Promise<void> | null = null;
  #detailStale = false;
  #fetching: Promise<void> | null = null;
  /** The place that was asked for last. */
  #goal = 0;

  constructor(world: HistoryWorld) {
    this.#world = world;
  }

  async filter(change: Partial<HistoryFilter>): Promise<void> {
    this.store.setState(({ filter }) => ({ filter: { ...filter, ...change } }));
    await this.#readAfresh();
    const { current, list } = this.store.getState();
    if (indexOf(list, current) < 0) await this.#showFirst();
  }

  resolveConflictsBy(onConflict: 'keep' | 'restore'): void {
    this.store.setState({ onConflict });
  }

  stop(): void {
    this.#stop();
  }

  async load(): Promise<void> {
    if (this.store.getState().status === 'none') this.store.setState({ status: 'loading' });
    if (!(await this.#readAfresh())) return;
    const { current } = this.store.getState();
    if (current === null) await this.#showFirst();
    else await this.#fetchDetail(current);
    // Retention may have let the entry go.
    if (this.store.getState().detailError?.code === 'not-found') await this.#showFirst();
  }

  /** One question at a time: what is typed meanwhile is asked once, at the end. */
  async #readAfresh(): Promise<boolean> {
    this.#stale = true;
    this.#reading ??= this.#readWhileStale().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readWhileStale(): Promise<boolean> {
    let read = false;
    while (this.#stale) {
      this.#stale = false;
      this.#generation += 1;
      this.#asked.clear();
      const query = queryOf(this.store.getState().filter, 0);
      const page = await this.#world.client.call('history.list', query);
      read = page.ok;
      if (page.ok) {
        const list = withPage(noPages, 0, page.value);
        this.store.setState({ status: 'ready', list, error: null });
      } else {
        this.store.setState({ status: 'failed', error: page.error });
      }
    }
    return read;
  }

  /** One page at a time, and only what is in view by then: whoever scrolls on has left the rest. */
  async need(first: number, last: number): Promise<void> {
    this.#inView = [first, last];
    this.#filling ??= this.#fill().finally(() => (this.#filling = null));
    await this.#filling;
  }

  async #fill(): Promise<void> {
    for (;;) {
      const { list, status } = this.store.getState();
      const [first, last] = this.#inView.map((index) => Math.floor(index / PAGE_SIZE));
      const missing = [first ?? 0, last ?? 0].find((page) => !list.pages.has(page));
      if (status !== 'ready' || missing === undefined) return;
      await this.#pageAt(missing);
    }
  }

  /** Whoever needs a page that is under way waits for it too. */
  #pageAt(number: number): Promise<void> {
    const { list, status } = this.store.getState();
    if (status !== 'ready' || list.pages.has(number)) return Promise.resolve();
    const asked = this.#asked.get(number) ?? this.#fetchPage(number);
    this.#asked.set(number, asked);
    return asked;
  }

  async #fetchPage(number: number): Promise<void> {
    const { filter } = this.store.getState();
    const generation = this.#generation;
    const page = await this.#world.client.call('history.list', queryOf(filter, number));
    // What was asked before the filter or the history changed is no answer any more.
    if (generation !== this.#generation) return;
    this.#asked.delete(number);
    if (!page.ok) {
      this.store.setState({ status: 'failed', error: page.error });
      return;
    }
    const known = this.store.getState().list;
    if (page.value.total !== known.total) await this.#readAfresh();
    else this.store.setState({ list: withPage(known, number, page.value) });
  }

  async showAt(index: number): Promise<void> {
    this.#goal = index;
    await this.#pageAt(Math.floor(index / PAGE_SIZE));
    // Whoever holds a key down has gone on in the meantime.
    if (this.#goal !== index) return;
    const entry = entryAt(this.store.getState().list, index);
    if (entry !== null) await this.show(entry.id);
  }

  async #showFirst(): Promise<void> {
    const first = entryAt(this.store.getState().list, 0);
    if (first !== null) await this.#fetchDetail(first.id);
    else this.store.setState({ current: null, detail: null, preview: null, detailError: null });
  }

  async pin(pinned: boolean): Promise<TransactionDetail['summary'] | null> {
    const { detail } = this.store.getState();
    if (detail === null) return null;
    // An undo or a redo is kept with the repair that it belongs to.
    const id = detail.summary.undoes ?? detail.summary.id;
    const answer = await this.#world.client.call('history.pin', { id, pinned });
    if (!answer.ok) {
      this.store.setState({ detailError: answer.error });
      return null;
    }
    await this.load();
    return answer.value;
  }

  async exportAs(form: 'markdown' | 'json'): Promise<boolean> {
    const { current: id } = this.store.getState();
    if (id === null) return false;
    const answer = await this.#world.client.call('history.export', { id, form });
    this.store.setState({ detailError: answer.ok ? null : answer.error });
    return answer.ok && answer.value.saved;
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

  /** One question at a time: whoever walks through the list is shown where they have got to. */
  #fetchDetail(id: string): Promise<void> {
    this.store.setState({ current: id, detailError: null });
    this.#detailStale = true;
    this.#fetching ??= this.#fetchWhileStale().finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  async #fetchWhileStale(): Promise<void> {
    while (this.#detailStale) {
      this.#detailStale = false;
      const { current } = this.store.getState();
      if (current !== null) await this.#fetchCurrent(current);
    }
  }

  async #fetchCurrent(id: string): Promise<void> {
    const { client } = this.#world;
    const [detail, preview] = await Promise.all([
      client.call('history.show', { id }),
      client.call('history.undoPreview', { id }),
    ]);
    // Somebody may have moved on to another row in the meantime.
    if (this.#detailStale || this.store.getState().current !== id) return;
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
