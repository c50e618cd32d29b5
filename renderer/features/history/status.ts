import type { TransactionStatus, TransactionSummary } from '../../../shared/history.ts';
import type { Language } from '../../../shared/messages/translate.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import type { Tone } from '../../ui/Badge.tsx';
import { formatMoment, formatWhen } from '../../ui/format.ts';

export const statuses: Readonly<Record<TransactionStatus, { tone: Tone; word: TextKey }>> = {
  applied: { tone: 'info', word: 'status.applied' },
  verified: { tone: 'ok', word: 'status.verified' },
  interrupted: { tone: 'warn', word: 'status.interrupted' },
  'rolled-back': { tone: 'neutral', word: 'status.rolledBack' },
  undone: { tone: 'neutral', word: 'status.undone' },
  conflict: { tone: 'warn', word: 'status.conflict' },
};

/**
 * Transactions that contain every word of a filter, in title, subjects, paths,
 * state or time as it is shown.
 */
export function filterTransactions(
  transactions: readonly TransactionSummary[],
  filter: string,
  words: {
    readonly title: (transaction: TransactionSummary) => string;
    readonly status: (transaction: TransactionSummary) => string;
    readonly language: Language;
  },
): readonly TransactionSummary[] {
  const wanted = filter.toLocaleLowerCase(words.language).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return transactions;
  return transactions.filter((transaction) => {
    const text = [
      words.title(transaction),
      words.status(transaction),
      ...transaction.subjects,
      ...transaction.changes.map((change) => change.target),
      formatWhen(transaction.at, words.language),
      formatMoment(transaction.at, words.language),
      transaction.at,
    ]
      .join('\n')
      .toLocaleLowerCase(words.language);
    return wanted.every((word) => text.includes(word));
  });
}
