import type {
  TransactionDetail,
  TransactionSummary,
  UndoPreview,
} from '../../../shared/history.ts';
import { changedSettings, otherConflicts } from './conflicts.ts';
import { COPY, GIT, NOW, SANDBOX, SETTINGS_FILE, words } from './machine.ts';
import { gitFinding } from './findings.ts';
import { planFor } from './plan.ts';
import { outcomeOf, transactionOf, trialFailure } from './repair.ts';

const review = planFor([gitFinding], [{}], 0);
const verified = transactionOf(review, outcomeOf(review, 'verified', 't-0005'));

function earlier(
  id: string,
  at: string,
  status: TransactionSummary['status'],
  program: string,
): TransactionDetail {
  const detail = transactionOf(review, outcomeOf(review, 'verified', id));
  return {
    ...detail,
    summary: {
      ...detail.summary,
      at,
      status,
      title: words('repair.sandbox.title', { program }),
      subjects: [program],
      undoneBy: status === 'undone' ? { id: 't-0002', at: '2026-11-18T17:25:00.000Z' } : null,
    },
    failure: status === 'rolled-back' ? trialFailure : null,
    verifications: status === 'verified' ? detail.verifications : [],
    canUndo: status === 'verified' || status === 'conflict',
    canRedo: status === 'undone',
  };
}

const undoing: TransactionDetail = {
  ...earlier('t-0002', '2026-11-18T17:25:00.000Z', 'verified', 'gopls'),
  canUndo: false,
  canRedo: false,
};

/** A few weeks of repairs, newest first. */
export const usualHistory: readonly TransactionDetail[] = [
  verified,
  earlier('t-0004', '2026-11-22T09:41:00.000Z', 'rolled-back', 'dlv'),
  earlier('t-0003', '2026-11-20T09:41:00.000Z', 'verified', 'node'),
  {
    ...undoing,
    summary: {
      ...undoing.summary,
      type: 'undo',
      undoes: 't-0001',
      title: words('scenario.title.undo', { program: 'gopls' }),
    },
  },
  earlier('t-0001', '2025-11-18T17:20:00.000Z', 'undone', 'gopls'),
];

/** The same, after somebody has changed the settings by hand. */
export const conflictHistory: readonly TransactionDetail[] = usualHistory.map((detail, index) =>
  index === 0 ? { ...detail, summary: { ...detail.summary, status: 'conflict' } } : detail,
);

/** A history of the size that the list must still scroll through. */
export const longHistory: readonly TransactionDetail[] = Array.from(
  { length: 10_000 },
  (_, index) => ({
    ...verified,
    summary: {
      ...verified.summary,
      id: `t-${String(10_000 - index).padStart(5, '0')}`,
      at: new Date(Date.parse(NOW) - index * 3_600_000).toISOString(),
    },
  }),
);

/** What undo would do to a transaction of these scenarios. */
export function undoPreviewOf(id: string, conflict: boolean, several = false): UndoPreview {
  return {
    id,
    possible: true,
    reason: null,
    items: [
      {
        target: SETTINGS_FILE,
        title: words('scenario.undo.line'),
        standing: conflict ? 'changed' : 'unchanged',
        diff: [
          {
            sign: '-',
            line: 14,
            text: `  "git.path": "${conflict ? '/usr/bin/git' : `${COPY}/bin/git`}", // team build`,
          },
          { sign: '+', line: 14, text: `  "git.path": "${GIT}", // team build` },
        ],
        bytes: 0,
        differences: conflict ? ['content', 'mode'] : [],
        reversibility: 'full',
        ...(conflict && { threeWay: changedSettings }),
      },
      ...(several ? otherConflicts : []),
      {
        target: COPY,
        title: words('scenario.undo.copy', { program: 'git' }),
        standing: 'unchanged',
        diff: [],
        bytes: 14_000_000,
        differences: [],
        reversibility: 'full',
      },
      {
        target: SANDBOX,
        title: words('scenario.undo.sandbox'),
        standing: 'unchanged',
        diff: [],
        bytes: 27_000_000,
        differences: [],
        reversibility: 'full',
      },
    ],
    later: conflict
      ? [
          {
            id: 't-0006',
            title: words('repair.sandbox.title', { program: 'gopls' }),
            at: '2026-11-23T15:10:00.000Z',
          },
        ]
      : [],
    afterwards: words('journal.afterwards.problem', { subjects: 'git' }),
    problems: [words('check.glibc.summary', { version: 'GLIBC_2.38', present: '2.36' })],
    conflicts: (conflict ? 1 : 0) + (several ? otherConflicts.length : 0),
  };
}
