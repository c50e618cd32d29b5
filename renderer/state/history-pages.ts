import type { InputOf } from '../../shared/contract.ts';
import type { HistoryPage, TransactionStatus, TransactionSummary } from '../../shared/history.ts';

/** Entries that are fetched at once. */
export const PAGE_SIZE = 100;

/** What the person wants to see of the history; empty strings do not narrow. */
export interface HistoryFilter {
  readonly text: string;
  readonly program: string;
  readonly kind: string;
  readonly status: TransactionStatus | '';
  /** Days as `2026-11-23`, both inclusive, in the person's own time zone. */
  readonly since: string;
  readonly until: string;
  readonly file: string;
}

export const noFilter: HistoryFilter = {
  text: '',
  program: '',
  kind: '',
  status: '',
  since: '',
  until: '',
  file: '',
};

/** The part of the history that has been fetched so far. */
export interface HistoryPages {
  /** Entries there are, and those that the filter lets through. */
  readonly total: number;
  readonly matching: number;
  /** Stretches of {@link PAGE_SIZE} by their number. */
  readonly pages: ReadonlyMap<number, readonly TransactionSummary[]>;
  readonly programs: readonly string[];
  readonly kinds: readonly string[];
}

export const noPages: HistoryPages = {
  total: 0,
  matching: 0,
  pages: new Map(),
  programs: [],
  kinds: [],
};

/** Whether anything is narrowed at all. */
export function isNarrowed(filter: HistoryFilter): boolean {
  return Object.values(filter).some((value: string) => value.trim() !== '');
}

/** The question for one page. A day begins and ends where the person lives. */
export function queryOf(filter: HistoryFilter, page: number): InputOf<'history.list'> {
  const text = filter.text.trim();
  const file = filter.file.trim();
  const { program, kind, status } = filter;
  const since = momentOf(filter.since, '00:00:00.000');
  const until = momentOf(filter.until, '23:59:59.999');
  return {
    ...(text === '' ? {} : { text }),
    ...(program === '' ? {} : { program }),
    ...(kind === '' ? {} : { kind }),
    ...(status === '' ? {} : { status: [status] }),
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
    ...(file === '' ? {} : { file }),
    offset: page * PAGE_SIZE,
    limit: PAGE_SIZE,
  };
}

/** The pages after one more has come. */
export function withPage(known: HistoryPages, number: number, page: HistoryPage): HistoryPages {
  return {
    total: page.total,
    matching: page.matching,
    pages: new Map([...known.pages, [number, page.transactions]]),
    programs: page.programs,
    kinds: page.kinds,
  };
}

/** The entry at a place of the filtered list; null while it has not been fetched. */
export function entryAt({ pages }: HistoryPages, index: number): TransactionSummary | null {
  return pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE] ?? null;
}

/** Where an entry stands among those that have been fetched; -1 when it is not among them. */
export function indexOf({ pages }: HistoryPages, id: string | null): number {
  if (id === null) return -1;
  for (const [number, entries] of pages) {
    const at = entries.findIndex((entry) => entry.id === id);
    if (at >= 0) return number * PAGE_SIZE + at;
  }
  return -1;
}

function momentOf(day: string, time: string): string | null {
  const at = new Date(`${day}T${time}`);
  return day === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
