import { DevmendError, type ErrorData, type Result } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import { bindChange } from '../changes/registry.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { chainOf, type Chain } from './chain.ts';
import { effectStandingsOf, type EffectStanding } from './effects.ts';
import { requireWritableJournal } from './guards.ts';
import { readRelevant } from './listing.ts';
import {
  isConflict,
  laterRepairs,
  revertPlan,
  standingsOf,
  type OnConflict,
  type Standing,
} from './revert.ts';
import { exists } from './steps.ts';
import { readPlan, type StoredTransaction } from './store.ts';
import { refusal } from './refusal.ts';
import { runTransaction, type TransactionCheck } from './transaction.ts';
import type { ApplyServices } from './apply.ts';

interface Intended {
  readonly all: readonly StoredTransaction[];
  readonly chain: Chain;
  readonly standings: readonly Standing[];
  readonly effects: readonly EffectStanding[];
}

/**
 * Takes a repair back, as a transaction of its own. Refuses with nothing written:
 * `nothing-to-undo`, `later-transaction`, `before-image-damaged`, and `conflict`
 * when a path is not what the repair left and `onConflict` is `stop`. With `keep`
 * such paths stay and are named in the outcome; with `restore` their present state
 * is saved as this transaction's own before-image and then replaced.
 */
export async function undo(
  machine: Machine,
  id: string,
  options: { readonly onConflict: OnConflict },
  job: JobContext,
): Promise<Result<TransactionOutcome>> {
  return revert(machine, id, 'undo', options.onConflict, job, []);
}

/** Applies an undone repair again: its files as they were, and its verifications once more. */
export async function redo(
  machine: Machine,
  id: string,
  job: JobContext,
  services?: ApplyServices,
): Promise<Result<TransactionOutcome>> {
  try {
    const { chain } = await intend(machine, id, 'redo', job);
    const plan = await readPlan(chain.repair);
    for (const path of plan.changes.flatMap((change) => bindChange(change).needs))
      if (!isMadeBy(chain, path) && !(await exists(path)))
        throw new DevmendError('plan-stale', { path });
    const checks = (services === undefined ? [] : plan.verifications).map(
      (verification): TransactionCheck => ({
        title: verification.title,
        run: async (running) =>
          services === undefined
            ? { passed: true, output: '', error: null }
            : services.runVerification(verification, machine, running),
      }),
    );
    return await revert(machine, id, 'redo', 'stop', job, checks);
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

function isMadeBy(chain: Chain, path: string): boolean {
  return chain.last.model.records.some(
    (record) => path === record.path || path.startsWith(`${record.path}/`),
  );
}

async function revert(
  machine: Machine,
  id: string,
  operation: 'undo' | 'redo',
  onConflict: OnConflict,
  job: JobContext,
  checks: readonly TransactionCheck[],
): Promise<Result<TransactionOutcome>> {
  try {
    const intended = await intend(machine, id, operation, job);
    const { chain, standings, effects } = intended;
    await requireLatest(intended);
    const all = [...standings, ...effects];
    const conflicts = all.filter(isConflict);
    const kept = onConflict === 'keep' ? conflicts : conflicts.filter(isUnreadable);
    const isOpen = (standing: Standing | EffectStanding): boolean =>
      !kept.includes(standing) && standing.standing !== 'already-restored';
    const open = standings.filter(isOpen);
    if (!all.some(isOpen) && conflicts.length > 0) throw conflictOf(conflicts);
    return await runTransaction(
      machine,
      {
        operation,
        undoes: chain.repair.id,
        reverts: chain.last.id,
        plan: await revertPlan(machine, chain, open, effects.filter(isOpen), onConflict),
        title: chain.repair.model.begin?.title ?? message('journal.title.unknown'),
        subjects: chain.repair.model.begin?.subjects ?? [],
        kept: kept.map(nameOf),
        checks: [stateCheck(open), ...checks],
        guard: async () => guardRevert(machine, intended, id, operation, onConflict, job),
      },
      job,
    );
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

function isUnreadable({ standing }: Standing | EffectStanding): boolean {
  return standing === 'unreadable';
}

/** Path of a file, or where a person would look for an effect. */
function nameOf(standing: Standing | EffectStanding): string {
  return 'record' in standing ? standing.record.path : standing.target;
}

/** Under the lock everything is looked at again: the world may have moved since. */
async function guardRevert(
  machine: Machine,
  seen: Intended,
  id: string,
  operation: 'undo' | 'redo',
  onConflict: OnConflict,
  job: JobContext,
): Promise<void> {
  const now = await intend(machine, id, operation, job);
  if (now.chain.last.id !== seen.chain.last.id) throw new DevmendError('nothing-to-undo', { id });
  await requireLatest(now);
  const conflicts = [...now.standings, ...now.effects].filter(isConflict);
  if (onConflict === 'stop' && conflicts.length > 0) throw conflictOf(conflicts);
  const before = new Set([...seen.standings, ...seen.effects].filter(isConflict).map(nameOf));
  const arisen = conflicts.filter((standing) => !before.has(nameOf(standing)));
  if (arisen.length > 0) throw conflictOf(arisen);
}

/** Before any conflict is told: what a later repair has made of a file is nobody's conflict. */
async function requireLatest({ all, chain }: Intended): Promise<void> {
  const [later] = await laterRepairs(all, chain);
  if (later !== undefined) throw new DevmendError('later-transaction', { id: later.id });
}

function conflictOf(conflicts: readonly (Standing | EffectStanding)[]): DevmendError {
  const paths = conflicts.map(nameOf).join(', ');
  return new DevmendError('conflict', { paths, count: conflicts.length });
}

async function intend(
  machine: Machine,
  id: string,
  operation: 'undo' | 'redo',
  job: JobContext,
): Promise<Intended> {
  const all = await readRelevant(machine, id);
  const chain = revertible(all, id, operation);
  const standings = await standingsOf(machine, chain.last, job.signal);
  return { all, chain, standings, effects: await effectStandingsOf(chain.last.model.effects) };
}

/** The chain that undo or redo would act on. Throws the reason when there is none. */
export function revertible(
  all: readonly StoredTransaction[],
  id: string,
  operation: 'undo' | 'redo',
): Chain {
  const asked = all.find((stored) => stored.id === id);
  if (asked === undefined) throw new DevmendError('not-found', { path: id });
  if (asked.fromTheFuture) throw new DevmendError('journal-from-the-future', { id });
  if (asked.damaged) throw new DevmendError('journal-damaged', { path: asked.directory });
  requireWritableJournal(all);
  const chain = chainOf(all, id);
  if (chain === null || chain.applied !== (operation === 'undo'))
    throw new DevmendError('nothing-to-undo', { id });
  if (chain.last.damaged || chain.repair.damaged)
    throw new DevmendError('journal-damaged', { path: chain.last.directory });
  return chain;
}

/** What "undone" rests on: every path is again what was recorded (each restore has proven its own). */
function stateCheck(open: readonly Standing[]): TransactionCheck {
  return {
    title: message('journal.check.state'),
    run: async () => {
      const failure = await firstDifference(open);
      return { passed: failure === null, output: String(open.length), error: failure };
    },
  };
}

async function firstDifference(open: readonly Standing[]): Promise<ErrorData | null> {
  for (const { record } of open)
    if ((await exists(record.path)) === (record.before.type === 'absent'))
      return new DevmendError('verification-failed', { path: record.path, what: 'existence' }).data;
  return null;
}
