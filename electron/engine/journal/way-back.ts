import type { Plan } from '../../../shared/plan.ts';
import { bindEffect } from '../effects/registry.ts';
import type { Chain } from './chain.ts';
import { leftState, type EffectRecord, type PathRecord } from './model.ts';
import { sameFor, type PathState } from './path-state.ts';
import type { StoredTransaction } from './store.ts';

/**
 * Where one path of a repair goes with the next undo or redo. Not every transaction of a
 * chain has done something to every path: what somebody had taken back by hand was found
 * and let be, what he had changed was kept. So each path has a history of its own.
 */
export interface WayBack {
  readonly path: string;
  /** What the repair itself recorded. */
  readonly own: PathRecord;
  /** What the last transaction left there, or found and let be. */
  readonly expected: PathState;
  readonly wanted: PathState;
  /** The newest record whose before-image is `wanted`; null where nobody has saved it. */
  readonly saved: { readonly transaction: string; readonly record: PathRecord } | null;
}

/** Every path of a repair, in the order in which they go: an undo begins with the last one. */
export function waysBack(chain: Chain): readonly WayBack[] {
  const ways = chain.repair.model.records
    .filter((record) => record.steps.length > 0)
    .map((own) => wayBack(chain, own));
  return chain.applied ? ways.reverse() : ways;
}

interface Deed {
  readonly link: StoredTransaction;
  readonly record: PathRecord;
}

function wayBack(chain: Chain, own: PathRecord): WayBack {
  const { path } = own;
  const deeds = chain.links.flatMap((link) => deedIn(link, path)).reverse();
  const newest = deeds[0] ?? { link: chain.repair, record: own };
  const before = newest.record.before;
  const left = leftState(newest.record);
  if (isTheOtherWay(newest.link, chain))
    return { path, own, expected: left, wanted: before, saved: savedBy(newest) };
  const earlier = deeds.find(
    ({ link, record }) =>
      isTheOtherWay(link, chain) &&
      sameFor(record.before, left) &&
      // A tree that was moved away has been moved back since, and is in the store no more.
      record.image?.method !== 'move',
  );
  const saved = earlier === undefined ? null : savedBy(earlier);
  return { path, own, expected: before, wanted: left, saved };
}

/** What a transaction did to a path; an undo or redo that changed nothing there tells nothing. */
function deedIn(link: StoredTransaction, path: string): readonly Deed[] {
  return link.model.records
    .filter((record) => record.path === path && record.steps.length > 0)
    .filter((record) => isRepair(link) || !sameFor(record.before, leftState(record)))
    .map((record) => ({ link, record }));
}

function savedBy({ link, record }: Deed): WayBack['saved'] {
  return { transaction: link.id, record };
}

function isRepair({ model }: StoredTransaction): boolean {
  return model.begin?.operation === 'apply';
}

/** Whether it is what the next undo or redo reverts: an apply or redo, or an undo. */
function isTheOtherWay({ model }: StoredTransaction, { applied }: Chain): boolean {
  return (model.begin?.operation !== 'undo') === applied;
}

/**
 * Whether the plan's own changes bring a path where it is to go: what somebody had taken
 * back by hand before the undo is in nobody's store, and redo makes it again.
 */
export function canBeMadeAgain(way: WayBack, chain: Chain): boolean {
  return (
    !chain.applied &&
    sameFor(way.expected, way.own.before) &&
    sameFor(way.wanted, leftState(way.own))
  );
}

/** The changes that do that. */
export function changesAgain(way: WayBack, plan: Plan): Plan['changes'] {
  return plan.changes.filter(({ id }) => way.own.changes.includes(id));
}

/** The same of effects: each as a record whose `before` is where it goes. In order of going. */
export function effectsBack(chain: Chain): readonly EffectRecord[] {
  const ways = chain.repair.model.effects
    .filter(({ left }) => left !== null)
    .map((own) => effectBack(chain, own));
  return chain.applied ? ways.reverse() : ways;
}

function effectBack(chain: Chain, own: EffectRecord): EffectRecord {
  const { target } = bindEffect(own.what);
  for (const link of [...chain.links].reverse())
    for (const record of link.model.effects) {
      if (record.left === null || bindEffect(record.what).target !== target) continue;
      if (isTheOtherWay(link, chain)) return record;
      return { ...record, before: record.left, left: record.before };
    }
  return own;
}

/** Targets that the last undo has left to somebody, who had changed them: redo leaves them too. */
export function keptByUndo({ applied, last }: Chain): readonly string[] {
  return applied ? [] : (last.model.begin?.kept ?? []);
}

/** Each path of a repair with the transaction that dealt with it last: the place in the order. */
export function placesInOrder(
  chain: Chain,
): readonly { readonly path: string; readonly id: string }[] {
  const newestFirst = [...chain.links].reverse();
  return chain.repair.model.records
    .filter(({ path }) => !keptByUndo(chain).includes(path))
    .map(({ path }) => {
      const link = newestFirst.find(({ model }) => model.begin?.kept.includes(path) !== true);
      return { path, id: (link ?? chain.repair).id };
    });
}
