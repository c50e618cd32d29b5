import type { ErrorData } from '../../../shared/error.ts';
import type { ScanReport } from '../../../shared/finding.ts';
import type { RecoveryStatus, TransactionDetail } from '../../../shared/history.ts';
import {
  clearReport,
  emptyReport,
  manyReport,
  thousandsReport,
  troubledReport,
} from './findings.ts';
import { conflictHistory, longHistory, usualHistory } from './history.ts';
import { COPY, NOW, SANDBOX, SETTINGS_FILE, words } from './machine.ts';
import type { RepairEnding } from './repair.ts';

/** One story that the fake bridge can tell. */
export interface Scenario {
  /** What an earlier scan found; null for a first start. */
  readonly last: ScanReport | null;
  readonly scan: ScanReport | ErrorData;
  readonly repair: RepairEnding;
  readonly plan: ErrorData | null;
  readonly history: readonly TransactionDetail[];
  readonly conflict: boolean;
  /** Beside the settings other things have been changed too. */
  readonly several?: true;
  readonly recovery: RecoveryStatus;
}

const quiet: RecoveryStatus = { interrupted: [], readOnly: false, lockedBy: null };
const usual: Scenario = {
  last: troubledReport,
  scan: troubledReport,
  repair: 'verified',
  plan: null,
  history: usualHistory,
  conflict: false,
  recovery: quiet,
};

export const scenarios = {
  /** Never scanned, nothing in the history. */
  first: { ...usual, last: null, history: [] },
  /** Debian 13's git on Debian 12, repaired and proven. */
  git: usual,
  /** The trial run fails, everything goes back. */
  failure: { ...usual, repair: 'rolled-back' },
  /** The files are no longer what the plan was made from. */
  stale: { ...usual, repair: 'stale' },
  /** A step that never ends by itself. */
  slow: { ...usual, repair: 'slow' },
  /** No release that would do. */
  'no-plan': {
    ...usual,
    plan: {
      code: 'source-unreachable',
      params: { address: 'the mirror of this machine', reason: 'connection refused' },
      correlationId: '0c11-93ab',
    },
  },
  /** Somebody changed the settings after the repair. */
  conflict: { ...usual, history: conflictHistory, conflict: true },
  /** The same, and files were deleted, replaced or locked, and a value of the kernel was set. */
  conflicts: { ...usual, history: conflictHistory, conflict: true, several: true },
  /** The power went while a repair ran. */
  interrupted: {
    ...usual,
    recovery: {
      ...quiet,
      interrupted: [
        {
          id: 't-0005',
          at: NOW,
          title: words('repair.sandbox.title', { program: 'git' }),
          done: 1,
          total: 3,
          changes: [
            {
              title: words('repair.sandbox.change.create', { release: '13', glibc: '2.41' }),
              target: SANDBOX,
              state: 'done',
            },
            {
              title: words('repair.sandbox.change.copy', { program: 'git' }),
              target: COPY,
              state: 'begun',
            },
            {
              title: words('repair.sandbox.change.setting', { editor: 'VS Code' }),
              target: SETTINGS_FILE,
              state: 'waiting',
            },
          ],
        },
      ],
    },
  },
  locked: {
    ...usual,
    recovery: { ...quiet, lockedBy: { pid: 4711, program: 'devmend', since: NOW } },
  },
  future: { ...usual, recovery: { ...quiet, readOnly: true } },
  /** No editor, no Go: nothing was checked. */
  empty: { ...usual, last: emptyReport, scan: emptyReport, history: [] },
  clear: { ...usual, last: clearReport, scan: clearReport },
  'scan-fails': {
    ...usual,
    last: null,
    scan: { code: 'internal', params: { detail: 'worker ended' }, correlationId: '51aa-0d02' },
  },
  many: { ...usual, last: manyReport, scan: manyReport, history: longHistory },
  thousands: { ...usual, last: null, scan: thousandsReport },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;

/** Whether there is a scenario of this name. */
export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name);
}
