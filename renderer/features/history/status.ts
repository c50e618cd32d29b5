import type { TransactionStatus, TransactionSummary } from '../../../shared/history.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import type { Tone } from '../../ui/Badge.tsx';

export const statuses: Readonly<Record<TransactionStatus, { tone: Tone; word: TextKey }>> = {
  applied: { tone: 'info', word: 'status.applied' },
  verified: { tone: 'ok', word: 'status.verified' },
  interrupted: { tone: 'warn', word: 'status.interrupted' },
  'rolled-back': { tone: 'neutral', word: 'status.rolledBack' },
  undone: { tone: 'neutral', word: 'status.undone' },
  conflict: { tone: 'warn', word: 'status.conflict' },
};

/** How an entry stands, in one word; a damaged record comes before everything else. */
export function standingOf({ damaged, status }: TransactionSummary): { tone: Tone; word: TextKey } {
  return damaged ? { tone: 'error', word: 'status.damaged' } : statuses[status];
}

const kindWords: Readonly<Record<string, TextKey>> = {
  'copy-tree': 'kind.copy-tree',
  'create-sandbox': 'kind.create-sandbox',
  'edit-json': 'kind.edit-json',
  'patch-elf': 'kind.patch-elf',
  'remove-tree': 'kind.remove-tree',
  'run-tool': 'kind.run-tool',
  'set-sysctl': 'kind.set-sysctl',
  'write-file': 'kind.write-file',
};

/** What a kind of change is called; null for one that has no name here. */
export function kindWord(kind: string): TextKey | null {
  return kindWords[kind] ?? null;
}

const differenceWords: Readonly<Record<string, TextKey>> = {
  existence: 'difference.existence',
  type: 'difference.type',
  target: 'difference.target',
  content: 'difference.content',
  mode: 'difference.mode',
  owner: 'difference.owner',
  times: 'difference.times',
  attributes: 'difference.attributes',
};

/** What a difference between two versions is called; null for one that has no name here. */
export function differenceWord(difference: string): TextKey | null {
  return differenceWords[difference] ?? null;
}
