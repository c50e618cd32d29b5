import { applyPlan } from '../../electron/engine/journal/apply.ts';
import { setPinned } from '../../electron/engine/journal/pin.ts';
import { recover } from '../../electron/engine/journal/recover.ts';
import { applyRetention } from '../../electron/engine/journal/retention.ts';
import { listIds } from '../../electron/engine/journal/store.ts';
import { redo, undo } from '../../electron/engine/journal/undo.ts';
import type { Machine } from '../../electron/engine/machine.ts';
import type { Result } from '../../shared/error.ts';
import type { TransactionOutcome } from '../../shared/history.ts';
import type { ChangeKindName, Plan } from '../../shared/plan.ts';
import { job, passing } from '../integration/journal/workbench.ts';
import { editWhatIsLeft } from './conflict.ts';

/** One step on the way to where an operation begins; `killAt` (0 to 1) ends it before its end. */
export interface Step {
  readonly operation: string;
  readonly killAt?: number;
}

/** Where an operation begins: what was done to the fresh world before. */
export interface Start {
  readonly name: string;
  readonly steps: readonly Step[];
}

/**
 * Something of the engine that writes to the journal. Whatever takes the lock joins
 * here: `npm run check` fails for a file that calls takeLock and is no `source`.
 */
export interface Operation {
  readonly name: string;
  /** The file below electron/ that takes the lock for it. */
  readonly source: string;
  readonly starts: readonly Start[];
  readonly run: (machine: Machine, plan: Plan) => Promise<Result<unknown>>;
  /** Kinds of change that it makes itself, beside those of the plan. */
  readonly kinds: readonly ChangeKindName[];
  /** False for what may take away the possibility to undo. */
  readonly keepsUndo: boolean;
  /** What becomes of a path that somebody has changed since; left out where nobody has. */
  readonly conflict?: 'keep' | 'restore';
  /** Kinds of effects with which the world cannot be told beforehand. */
  readonly unlessEffects?: readonly string[];
}

const applied: Step = { operation: 'apply' };
const undone: Step = { operation: 'undo' };
const edited: Step = { operation: 'edit' };

/** Steps that are nobody's operation: they lead to where one begins. */
export const preparations: readonly Pick<Operation, 'name' | 'run'>[] = [
  { name: 'edit', run: editWhatIsLeft },
];

async function repairOf(machine: Machine): Promise<string> {
  return (await listIds(machine))[0] ?? '';
}

async function outcome(
  result: Promise<Result<TransactionOutcome>>,
): Promise<Result<TransactionOutcome>> {
  return result;
}

/** An undo although somebody has changed a path of the repair. */
function undoOfEdited(conflict: 'keep' | 'restore'): Operation {
  return {
    name: `undo-${conflict}`,
    source: 'engine/journal/transaction.ts',
    starts: [{ name: 'edited', steps: [applied, edited] }],
    run: async (machine) =>
      outcome(undo(machine, await repairOf(machine), { onConflict: conflict }, job())),
    kinds: ['restore', 'restore-effect'],
    keepsUndo: true,
    conflict,
    // What a tool makes out of files is made again from somebody's file too.
    ...(conflict === 'keep' ? { unlessEffects: ['loader-cache'] } : {}),
  };
}

/** Those operations that can be judged on a scenario. */
export function fitting<Kind extends Pick<Operation, 'unlessEffects'>>(
  { effects = [] }: { readonly effects?: readonly string[] },
  among: readonly Kind[],
): readonly Kind[] {
  return among.filter(
    ({ unlessEffects = [] }) => !effects.some((effect) => unlessEffects.includes(effect)),
  );
}

/** What changes the journal, and from where each is interrupted. */
export const operations: readonly Operation[] = [
  {
    name: 'apply',
    source: 'engine/journal/transaction.ts',
    starts: [{ name: 'fresh', steps: [] }],
    run: (machine, plan) => outcome(applyPlan(machine, plan, job(), passing)),
    kinds: [],
    keepsUndo: true,
  },
  {
    name: 'undo',
    source: 'engine/journal/transaction.ts',
    starts: [{ name: 'applied', steps: [applied] }],
    run: async (machine) =>
      outcome(undo(machine, await repairOf(machine), { onConflict: 'stop' }, job())),
    kinds: ['restore', 'restore-effect'],
    keepsUndo: true,
  },
  undoOfEdited('keep'),
  undoOfEdited('restore'),
  {
    name: 'redo',
    source: 'engine/journal/transaction.ts',
    starts: [{ name: 'undone', steps: [applied, undone] }],
    run: async (machine) => outcome(redo(machine, await repairOf(machine), job(), passing)),
    kinds: ['restore', 'restore-effect'],
    keepsUndo: true,
  },
  {
    name: 'recover',
    source: 'engine/journal/recover.ts',
    starts: [
      { name: 'apply-at-55', steps: [{ ...applied, killAt: 0.55 }] },
      { name: 'apply-at-95', steps: [{ ...applied, killAt: 0.95 }] },
      { name: 'undo-at-80', steps: [applied, { ...undone, killAt: 0.8 }] },
      {
        name: 'retention-at-50',
        steps: [applied, undone, applied, { operation: 'retention', killAt: 0.5 }],
      },
      { name: 'redo-at-90', steps: [applied, undone, { operation: 'redo', killAt: 0.9 }] },
    ],
    run: async (machine) => recover(machine, job()),
    kinds: [],
    keepsUndo: true,
  },
  {
    name: 'retention',
    source: 'engine/journal/retention.ts',
    // The newest repair always stays, so there has to be an older one that can go.
    starts: [{ name: 'second-repair', steps: [applied, undone, applied] }],
    run: async (machine) =>
      applyRetention(machine, { repairs: 1, days: null, megabytes: null }, null),
    kinds: [],
    keepsUndo: true,
  },
  {
    name: 'pin',
    source: 'engine/journal/pin.ts',
    starts: [{ name: 'applied', steps: [applied] }],
    run: async (machine) => setPinned(machine, await repairOf(machine), true),
    kinds: [],
    keepsUndo: true,
  },
];
