import type { TransactionDetail } from '../../../shared/history.ts';
import { message, type Message } from '../../../shared/message.ts';
import { bindEffect } from '../effects/registry.ts';
import type { Chain } from './chain.ts';
import { effectStandingsOf, restoreEffectTitle } from './effects.ts';
import { leftState } from './model.ts';
import { restoreTitle } from './revert.ts';
import { readPlan, type StoredTransaction } from './store.ts';

/** In words: what a transaction did, and what its undo or redo would do now. */
export async function explain(
  stored: StoredTransaction,
  chain: Chain | null,
  can: { readonly canUndo: boolean; readonly canRedo: boolean },
): Promise<TransactionDetail['explanation']> {
  const done = [...whatWasDone(stored)];
  if (chain === null || (!can.canUndo && !can.canRedo)) return { done, next: [] };
  const plan = await readPlan(chain.repair);
  const next = [...chain.last.model.records]
    .reverse()
    .filter((record) => record.steps.length > 0)
    .map((record) => restoreTitle(record, plan));
  const effects = await effectStandingsOf(chain.last.model.effects);
  return { done, next: [...next, ...effects.map(restoreEffectTitle)] };
}

function* whatWasDone({ model }: StoredTransaction): Generator<Message> {
  for (const record of model.records) {
    if (record.steps.length === 0) continue;
    const params = { path: record.path };
    const left = leftState(record);
    if (model.phase === 'rolled-back') {
      yield message(
        model.kept.includes(record.path) ? 'journal.done.keptOther' : 'journal.done.broughtBack',
        params,
      );
    } else if (record.before.type === 'absent') {
      yield message(left.type === 'tree' ? 'journal.done.madeTree' : 'journal.done.made', params);
    } else {
      yield message(
        left.type === 'absent' ? 'journal.done.removed' : 'journal.done.changed',
        params,
      );
    }
  }
  for (const { what, before, left } of model.effects) {
    if (left === null || model.phase === 'rolled-back') continue;
    const { target, expected } = bindEffect(what);
    yield expected === null
      ? message('journal.done.rebuilt', { path: target })
      : message('journal.done.set', { path: target, before, after: left });
  }
  for (const path of model.kept)
    if (model.phase !== 'rolled-back') yield message('journal.done.keptOther', { path });
}
