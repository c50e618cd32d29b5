import type * as z from 'zod';
import type {
  HistoryPage,
  historyQuerySchema,
  RetentionLimits,
  RetentionPreview,
  TransactionDetail,
} from '../../shared/history.ts';

type Query = z.output<typeof historyQuerySchema>;

/** The stretch of a made-up history that a query asks for. */
export function pageOf(history: readonly TransactionDetail[], query: Query): HistoryPage {
  const all = history.map(({ summary }) => summary);
  const text = query.text?.toLowerCase() ?? '';
  const matching = all.filter((one) => {
    const targets = one.changes.map(({ target }) => target);
    const words = [one.id, ...one.subjects, ...targets];
    return (
      words.some((word) => word.toLowerCase().includes(text)) &&
      (query.program === undefined || one.subjects.includes(query.program)) &&
      (query.kind === undefined || one.changes.some(({ kind }) => kind === query.kind)) &&
      (query.status === undefined || query.status.includes(one.status)) &&
      (query.since === undefined || Date.parse(one.at) >= Date.parse(query.since)) &&
      (query.until === undefined || one.at.slice(0, 10) <= query.until.slice(0, 10)) &&
      (query.file === undefined || targets.some((target) => target.startsWith(query.file ?? '')))
    );
  });
  return {
    total: all.length,
    matching: matching.length,
    offset: query.offset,
    transactions: matching.slice(query.offset, query.offset + query.limit),
    programs: [...new Set(all.flatMap(({ subjects }) => subjects))].slice(0, 200),
    kinds: [...new Set(all.flatMap(({ changes }) => changes.map(({ kind }) => kind)))].sort(),
  };
}

/** The history with one repair, and all of its entries, kept for good or no longer. */
export function pinnedIn(
  history: readonly TransactionDetail[],
  id: string,
  pinned: boolean,
): TransactionDetail[] {
  return history.map((detail) => {
    const { summary } = detail;
    if (summary.id !== id && summary.undoes !== id) return detail;
    return { ...detail, summary: { ...summary, pinned } };
  });
}

/** What limits would let go of a made-up history: the number of repairs counts, nothing else. */
export function retentionOf(
  history: readonly TransactionDetail[],
  limits: RetentionLimits,
): RetentionPreview {
  const all = history.map(({ summary }) => summary);
  const over = limits.repairs === null ? 0 : Math.max(0, all.length - limits.repairs);
  const expired = all
    .slice(1)
    .filter(({ pinned }) => !pinned)
    .slice(-over || Infinity)
    .map(({ id, title, at, imageBytes, status }) => ({
      id,
      title,
      at,
      bytes: imageBytes,
      because: 'repairs' as const,
      inEffect: status === 'verified',
      onlyCopy: false,
    }));
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  return {
    limits,
    repairs: all.length,
    usedBytes: sum(all.map(({ imageBytes }) => imageBytes)),
    freedBytes: sum(expired.map(({ bytes }) => bytes)),
    expired,
  };
}
