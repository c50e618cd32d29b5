import type { TransactionDetail } from '../../../shared/history.ts';
import { message, type Message } from '../../../shared/message.ts';
import { bindEffect } from '../effects/registry.ts';
import type { Chain } from './chain.ts';
import { effectStandingsOf, restoreEffectTitle } from './effects.ts';
import { leftState } from './model.ts';
import { restoreTitle } from './revert.ts';
import { readPlan, type StoredTransaction } from './store.ts';
import { canBeMadeAgain, changesAgain, effectsBack, keptByUndo, waysBack } from './way-back.ts';

/** In words: what a transaction did, and what its undo or redo would do now. */
export async function explain(
  stored: StoredTransaction,
  chain: Chain | null,
  can: { readonly canUndo: boolean; readonly canRedo: boolean },
): Promise<TransactionDetail['explanation']> {
  const done = [...whatWasDone(stored)];
  if (chain === null || (!can.canUndo && !can.canRedo)) return { done, next: [] };
  const plan = await readPlan(chain.repair);
  const kept = keptByUndo(chain);
  const next = waysBack(chain)
    .filter(({ path }) => !kept.includes(path))
    .flatMap((way) =>
      way.saved === null && canBeMadeAgain(way, chain)
        ? changesAgain(way, plan).map(({ title }) => title)
        : [restoreTitle(way.saved?.record ?? way.own, plan)],
    );
  const effects = (await effectStandingsOf(effectsBack(chain))).filter(
    ({ target }) => !kept.includes(target),
  );
  return { done, next: [...next, ...effects.map(restoreEffectTitle)] };
}

function* whatWasDone({ model }: StoredTransaction): Generator<Message> {
  const unrestored = new Map(model.unrestored.map(({ target, reason }) => [target, reason]));
  for (const record of model.records) {
    if (record.steps.length === 0 || unrestored.has(record.path)) continue;
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
  yield* unrestored.values();
  for (const path of model.kept)
    if (model.phase !== 'rolled-back') yield message('journal.done.keptOther', { path });
}
