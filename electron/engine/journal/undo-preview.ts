import type { ErrorData, Result } from '../../../shared/error.ts';
import type { UndoPreview } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import type { DiffLine } from '../../../shared/plan.ts';
import { bindEffect } from '../effects/registry.ts';
import type { Machine } from '../machine.ts';
import { asDevmendError } from '../faults.ts';
import type { Chain } from './chain.ts';
import { effectStandingsOf, restoreEffectTitle, type EffectStanding } from './effects.ts';
import { requireUnneeded } from './in-use.ts';
import { readRelevant } from './listing.ts';
import { diffOfRestore } from './restore-diff.ts';
import {
  isConflict,
  laterRepairs,
  removalBy,
  restoreTitle,
  standingsOf,
  type Standing,
} from './revert.ts';
import { readPlan, type StoredTransaction } from './store.ts';
import { threeWayOf, threeWayOfEffect, withinLimit } from './three-way.ts';
import { refusal } from './refusal.ts';
import { revertible } from './undo.ts';
import { effectsBack } from './way-back.ts';

/** What undo would do now, path by path, with diffs and conflicts. Writes nothing. */
export async function previewUndo(machine: Machine, id: string): Promise<Result<UndoPreview>> {
  try {
    const all = await readRelevant(machine, id);
    const reason = await reasonAgainst(all, id);
    if (reason !== null) return { ok: true, value: impossible(id, reason) };
    return { ok: true, value: await possiblePreview(machine, all, id) };
  } catch (error) {
    return refusal(error, machine.directories.state);
  }
}

/** `not-found` is the caller's mistake and stays a failure; all else is an answer. */
async function reasonAgainst(
  all: readonly StoredTransaction[],
  id: string,
): Promise<ErrorData | null> {
  try {
    await revertible(all, id, 'undo');
    return null;
  } catch (error) {
    const { data } = asDevmendError(error, id);
    if (data.code === 'not-found') throw error;
    return data;
  }
}

function impossible(id: string, reason: ErrorData): UndoPreview {
  return {
    id,
    possible: false,
    reason,
    items: [],
    later: [],
    afterwards: null,
    problems: [],
    conflicts: 0,
  };
}

async function possiblePreview(
  machine: Machine,
  all: readonly StoredTransaction[],
  id: string,
): Promise<UndoPreview> {
  const chain = await revertible(all, id, 'undo');
  const plan = await readPlan(chain.repair);
  const standings = await standingsOf(machine, chain);
  const items = await Promise.all(
    standings.map(async (standing) => ({
      target: standing.record.path,
      title: restoreTitle(standing.record, plan),
      standing: standing.standing,
      diff: await diffOfRestore(
        standing.record.path,
        standing.present,
        standing.record.before,
        standing.image,
      ),
      bytes: bytesOf(standing),
      differences: [...standing.differences],
      reversibility: 'full' as const,
      ...(isConflict(standing) && { threeWay: await threeWayOf(machine, chain, plan, standing) }),
    })),
  );
  const effects = await effectStandingsOf(effectsBack(chain));
  const later = (await laterRepairs(all, chain)).map((stored) => ({
    id: stored.id,
    title: stored.model.begin?.title ?? message('journal.title.unknown'),
    at: stored.model.at,
  }));
  const [first] = later;
  const inTheWay: ErrorData | null =
    first === undefined
      ? await inUse(machine, all, chain, standings)
      : { code: 'later-transaction', params: { id: first.id }, correlationId: '' };
  // A sandbox that was made by itself solved nothing.
  const solving = plan.repairs.filter(({ finding }) => finding !== '');
  const problems = solving.map(({ problem }) => problem);
  return {
    id: chain.repair.id,
    possible: inTheWay === null,
    reason: inTheWay,
    items: withinLimit([...items, ...effects.map(effectItem)]),
    later,
    afterwards:
      plan.repairs.length === 0
        ? null
        : message(problems.length > 0 ? 'journal.afterwards.problem' : 'journal.afterwards', {
            subjects: plan.repairs.map((repair) => repair.subject).join(', '),
          }),
    problems,
    conflicts: [...standings, ...effects].filter(isConflict).length,
  };
}

/** Why what it would take away has to stay; null where nothing needs it. */
async function inUse(
  machine: Machine,
  all: readonly StoredTransaction[],
  chain: Chain,
  standings: readonly Standing[],
): Promise<ErrorData | null> {
  try {
    await requireUnneeded(machine, all, removalBy(standings, chain));
    return null;
  } catch (error) {
    return asDevmendError(error, machine.directories.state).data;
  }
}

function effectItem(standing: EffectStanding): UndoPreview['items'][number] {
  const { effect, target, present } = standing;
  const back = bindEffect(bindEffect(effect.what).back(effect.before));
  const line = (sign: '+' | '-', text: string): DiffLine => ({ sign, line: null, text });
  return {
    target,
    title: restoreEffectTitle(standing),
    standing: standing.standing,
    diff:
      back.expected === null || present === back.expected
        ? []
        : [line('-', present), line('+', back.expected)],
    bytes: 0,
    differences: standing.standing === 'changed' ? ['content'] : [],
    reversibility: back.reversibility.reversibility,
    ...(isConflict(standing) && { threeWay: threeWayOfEffect(standing) }),
  };
}

function bytesOf({ present }: Standing): number {
  if (present.type === 'file') return present.size;
  return present.type === 'tree' ? present.bytes : 0;
}
