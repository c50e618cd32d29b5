import { DevmendError, type ErrorData, type Result } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import { bindChange } from '../changes/registry.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { captureState } from './capture.ts';
import { chainOf, damagedIn, type Chain } from './chain.ts';
import { effectStandingsOf, type EffectStanding } from './effects.ts';
import { reachOf, requireWritableJournal } from './guards.ts';
import { requireUnneeded } from './in-use.ts';
import { readRelevant } from './listing.ts';
import {
  isConflict,
  laterRepairs,
  removalBy,
  revertPlan,
  standingsOf,
  type OnConflict,
  type Standing,
} from './revert.ts';
import { sameFor } from './path-state.ts';
import { exists } from './steps.ts';
import { readPlan, type StoredTransaction } from './store.ts';
import { refusal } from './refusal.ts';
import { runTransaction, type TransactionCheck } from './transaction.ts';
import type { ApplyServices } from './apply.ts';
import { effectsBack, keptByUndo } from './way-back.ts';

interface Intended {
  readonly all: readonly StoredTransaction[];
  readonly chain: Chain;
  readonly standings: readonly Standing[];
  readonly effects: readonly EffectStanding[];
}

/**
 * Takes a repair back, as a transaction of its own. Refuses with nothing written:
 * `nothing-to-undo`, `later-transaction`, `sandbox-in-use`, `before-image-damaged`, and `conflict`
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

/**
 * Applies an undone repair again: its files as they were, and its verifications once more.
 * What somebody had taken back by hand before the undo is made anew by the repair's own
 * changes, and has to become the same; what the undo has left to him stays and is named.
 */
export async function redo(
  machine: Machine,
  id: string,
  job: JobContext,
  services?: ApplyServices,
): Promise<Result<TransactionOutcome>> {
  try {
    const { chain, standings } = await intend(machine, id, 'redo', job);
    const lost = standings.find(
      (each) => each.source === 'lost' && isConflict(each) && !staysKept(chain, each),
    );
    if (lost !== undefined) throw new DevmendError('plan-stale', { path: lost.way.path });
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
  return chain.repair.model.records.some(
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
    const conflicts = conflictsOf(intended);
    const asked = onConflict === 'keep' ? conflicts : conflicts.filter(mustStay);
    const kept = [...all.filter((standing) => staysKept(chain, standing)), ...asked];
    const isOpen = (standing: Standing | EffectStanding): boolean =>
      !kept.includes(standing) && standing.standing !== 'already-restored';
    const open = standings.filter(isOpen);
    if (!all.some(isOpen) && conflicts.length > 0)
      throw conflictOf(conflicts, onConflict === 'keep' ? { allKept: 1 } : {});
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
        checks: [stateCheck(intended, kept), ...checks],
        guard: async () => {
          const now = await guardRevert(machine, intended, id, operation, onConflict, job);
          await requireUnneeded(machine, now.all, removalBy(open, chain));
        },
      },
      job,
    );
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/** What nobody can replace, whatever was asked for: it cannot be saved, or there is nothing to put there. */
function mustStay(standing: Standing | EffectStanding): boolean {
  return standing.standing === 'unreadable' || ('source' in standing && standing.source === 'lost');
}

/** What the undo has left to somebody is his at redo too; it is named, and no conflict. */
function staysKept(chain: Chain, standing: Standing | EffectStanding): boolean {
  return isConflict(standing) && keptByUndo(chain).includes(nameOf(standing));
}

function conflictsOf(intended: Intended): readonly (Standing | EffectStanding)[] {
  const { chain, standings, effects } = intended;
  return [...standings, ...effects].filter(
    (standing) => isConflict(standing) && !staysKept(chain, standing),
  );
}

/** Path of a file, or where a person would look for an effect. */
function nameOf(standing: Standing | EffectStanding): string {
  return 'record' in standing ? standing.record.path : standing.target;
}

/** Under the lock everything is looked at again, and answered: the world may have moved since. */
async function guardRevert(
  machine: Machine,
  seen: Intended,
  id: string,
  operation: 'undo' | 'redo',
  onConflict: OnConflict,
  job: JobContext,
): Promise<Intended> {
  const now = await intend(machine, id, operation, job);
  if (now.chain.last.id !== seen.chain.last.id) throw new DevmendError('nothing-to-undo', { id });
  await requireLatest(now);
  const conflicts = conflictsOf(now);
  if (onConflict === 'stop' && conflicts.length > 0) throw conflictOf(conflicts);
  const before = new Map(
    [...seen.standings, ...seen.effects].map((each) => [nameOf(each), each.standing]),
  );
  const arisen = [...now.standings, ...now.effects].filter(
    (standing) => before.get(nameOf(standing)) !== standing.standing,
  );
  if (arisen.length > 0) throw conflictOf(arisen);
  return now;
}

/** Before any conflict is told: what a later repair has made of a file is nobody's conflict. */
async function requireLatest({ all, chain }: Intended): Promise<void> {
  const [later] = await laterRepairs(all, chain);
  if (later !== undefined) throw new DevmendError('later-transaction', { id: later.id });
}

function conflictOf(
  conflicts: readonly (Standing | EffectStanding)[],
  how: Readonly<Record<string, number>> = {},
): DevmendError {
  const paths = conflicts.map(nameOf).join(', ');
  return new DevmendError('conflict', { paths, count: conflicts.length, ...how });
}

async function intend(
  machine: Machine,
  id: string,
  operation: 'undo' | 'redo',
  job: JobContext,
): Promise<Intended> {
  const all = await readRelevant(machine, id);
  const chain = await revertible(all, id, operation);
  const standings = await standingsOf(machine, chain, job.signal);
  return { all, chain, standings, effects: await effectStandingsOf(effectsBack(chain)) };
}

/** The chain that undo or redo would act on. Throws the reason when there is none. */
export async function revertible(
  all: readonly StoredTransaction[],
  id: string,
  operation: 'undo' | 'redo',
): Promise<Chain> {
  const asked = all.find((stored) => stored.id === id);
  if (asked === undefined) throw new DevmendError('not-found', { path: id });
  if (asked.fromTheFuture) throw new DevmendError('journal-from-the-future', { id });
  if (asked.damaged) throw new DevmendError('journal-damaged', { path: asked.directory });
  const chain = chainOf(all, id);
  requireWritableJournal(all, reachOf(chain?.repair ?? asked));
  if (chain === null) throw new DevmendError('nothing-to-undo', { id });
  const damaged = await damagedIn(all, chain);
  if (damaged !== null) throw new DevmendError('journal-damaged', { path: damaged.directory });
  if (chain.applied !== (operation === 'undo')) throw new DevmendError('nothing-to-undo', { id });
  return chain;
}

/** What "undone" rests on: every path of the repair that was not kept is as it has to be. */
function stateCheck(
  { standings }: Intended,
  kept: readonly (Standing | EffectStanding)[],
): TransactionCheck {
  const looked = standings.filter((standing) => !kept.includes(standing));
  return {
    title: message('journal.check.state'),
    run: async () => {
      const failure = await firstDifference(looked);
      return { passed: failure === null, output: String(looked.length), error: failure };
    },
  };
}

async function firstDifference(looked: readonly Standing[]): Promise<ErrorData | null> {
  for (const standing of looked) {
    const { path } = standing.way;
    const what = await differs(standing);
    if (what !== null) return new DevmendError('verification-failed', { path, what }).data;
  }
  return null;
}

/** Each restore has proven its own; what was made again has to be what the repair had made. */
async function differs({ way, source, standing }: Standing): Promise<string | null> {
  if ((await exists(way.path)) === (way.wanted.type === 'absent')) return 'existence';
  if (source !== 'again' || standing === 'already-restored') return null;
  return sameFor(await captureState(way.path), way.wanted) ? null : 'content';
}
