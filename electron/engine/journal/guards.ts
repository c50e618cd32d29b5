import { lstat, readlink } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import type { Plan } from '../../../shared/plan.ts';
import { targetOf } from '../changes/change.ts';
import { trialVariables } from '../data/trial-arguments.ts';
import type { Machine } from '../machine.ts';
import { bindEffect } from '../effects/registry.ts';
import { hashFile } from './capture.ts';
import { overlaps } from './chain.ts';
import { guarded, isAbsent } from '../faults.ts';
import type { StoredTransaction } from './store.ts';

/** True while a crash has left this transaction neither before nor after. */
export function isInterrupted({
  model,
  damaged,
  fromTheFuture,
  forgotten,
}: StoredTransaction): boolean {
  if (damaged || fromTheFuture || forgotten) return false;
  return model.phase !== 'committed' && model.phase !== 'rolled-back';
}

/**
 * Whether it has to be recovered before anything is done to one of the paths. Where a
 * roll-back has begun and could not end yet (a disk that is full, or does not answer), what
 * has nothing to do with it goes on.
 */
export function isInTheWay(stored: StoredTransaction, paths: readonly string[]): boolean {
  if (!isInterrupted(stored)) return false;
  const { phase } = stored.model;
  if (phase !== 'rolling-back') return true;
  return reachOf(stored).some((own) => paths.some((path) => overlaps(own, path)));
}

/** Paths that a transaction touches, those of its effects included. */
export function reachOf({ model }: StoredTransaction): readonly string[] {
  const effects = model.effects.map(({ what }) => bindEffect(what).target);
  return [...model.records.map(({ path }) => path), ...effects];
}

/**
 * Nothing is written to a journal that is not understood, or has something to recover
 * first that has to do with one of the paths.
 */
export function requireWritableJournal(
  all: readonly StoredTransaction[],
  paths: readonly string[],
): void {
  const future = all.find((stored) => stored.fromTheFuture);
  if (future !== undefined) throw new DevmendError('journal-from-the-future', { id: future.id });
  const interrupted = all.find((stored) => isInTheWay(stored, paths));
  if (interrupted !== undefined) throw new DevmendError('recovery-needed', { id: interrupted.id });
}

/** A plan must be for this machine and this user, and hang together. */
export function requireUsablePlan(plan: Plan, machine: Machine): void {
  if (plan.root !== '/' || machine.root !== '/')
    throw new DevmendError('plan-invalid', { detail: `root ${plan.root}` });
  if (plan.home !== machine.home)
    throw new DevmendError('plan-invalid', { detail: `home ${plan.home}` });
  const ids = plan.changes.map((change) => change.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new DevmendError('plan-invalid', { detail: twice });
  if (ids.length === 0) throw new DevmendError('plan-invalid', { detail: '0' });
  requireShown(plan);
  requireHarmlessTrials(plan);
  const foreign = plan.changes.find(({ kind }) => kind === 'restore' || kind === 'restore-effect');
  if (foreign !== undefined) throw new DevmendError('plan-invalid', { detail: foreign.id });
  const privileged = plan.changes.find((change) => change.privilege === 'root');
  if (privileged !== undefined && machine.user.uid !== 0)
    throw new DevmendError('needs-root', { target: targetOf(privileged) });
}

/** A plan is shown repair by repair: a change that belongs to none would go unseen. */
function requireShown(plan: Plan): void {
  const shown = new Set(plan.repairs.flatMap((repair) => repair.changes));
  const hidden = plan.changes.find(({ id }) => !shown.has(id));
  if (hidden !== undefined) throw new DevmendError('plan-invalid', { detail: hidden.id });
}

/** A variable such as LD_PRELOAD or NODE_OPTIONS would make of a trial run anything at all. */
function requireHarmlessTrials(plan: Plan): void {
  const trials = plan.changes.flatMap((change) =>
    'trial' in change && change.trial !== null ? [change.trial] : [],
  );
  const starts = plan.verifications.filter((each) => each.kind === 'program-starts');
  for (const { environment } of [...trials, ...starts]) {
    const strange = Object.keys(environment).find((name) => !trialVariables.has(name));
    if (strange !== undefined) throw new DevmendError('plan-invalid', { detail: strange });
  }
  const outside = trials.find(({ path }) => path.split('/').includes('..') || isAbsolute(path));
  if (outside !== undefined) throw new DevmendError('plan-invalid', { detail: outside.path });
  requireOwnInterpreter(plan);
}

/** A private glibc is asked through its own loader: any other program could stand in its place. */
function requireOwnInterpreter({ verifications }: Plan): void {
  for (const each of verifications) {
    if (each.kind !== 'private-glibc') continue;
    const [directory, interpreter] = [normalize(each.path), normalize(each.interpreter)];
    if (!interpreter.startsWith(directory.endsWith('/') ? directory : `${directory}/`))
      throw new DevmendError('plan-invalid', { detail: each.interpreter });
  }
}

/** Refuses with `plan-stale` when anything the plan was worked out from is not as it was. */
export async function requireFresh(plan: Plan, signal: AbortSignal): Promise<void> {
  for (const witness of plan.reliesOn)
    if (!(await holds(witness, signal)))
      throw new DevmendError('plan-stale', { path: witness.path });
}

async function holds(witness: Plan['reliesOn'][number], signal: AbortSignal): Promise<boolean> {
  return guarded(witness.path, async () => {
    try {
      const facts = await lstat(witness.path);
      switch (witness.state) {
        case 'absent':
          return false;
        case 'link':
          return facts.isSymbolicLink() && (await readlink(witness.path)) === witness.target;
        case 'file':
          return facts.isFile() && (await hashFile(witness.path, signal)) === witness.sha256;
      }
    } catch (error) {
      if (isAbsent(error)) return witness.state === 'absent';
      throw error;
    }
  });
}
