import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import type { PathStanding } from '../../../shared/history.ts';
import { message } from '../../../shared/message.ts';
import type { Change, Plan } from '../../../shared/plan.ts';
import { bindChange } from '../changes/registry.ts';
import { bindEffect } from '../effects/registry.ts';
import type { Machine } from '../machine.ts';
import { captureState } from './capture.ts';
import { appliedChains, overlaps, type Chain } from './chain.ts';
import { restoreEffectTitle, type EffectStanding } from './effects.ts';
import { leftState, type PathRecord } from './model.ts';
import { differences, sameFor, type Difference, type PathState } from './path-state.ts';
import { journalRoot, readPlan, type StoredTransaction } from './store.ts';

export type OnConflict = 'stop' | 'keep' | 'restore';

/** How one path stands now against what the transaction left. */
export interface Standing {
  readonly record: PathRecord;
  readonly present: PathState;
  readonly standing: PathStanding;
  readonly differences: readonly Difference[];
  /** Absolute path of the before-image, null where there was nothing. */
  readonly image: string | null;
}

/** Looks at every path of a transaction, last one first: the order in which they go back. */
export async function standingsOf(
  machine: Machine,
  last: StoredTransaction,
  signal?: AbortSignal,
): Promise<readonly Standing[]> {
  const standings: Standing[] = [];
  for (const record of [...last.model.records].reverse()) {
    if (record.steps.length === 0) continue;
    const image = record.image === null ? null : join(journalRoot(machine), record.image.file);
    standings.push({ record, image, ...(await standingOf(record, signal)) });
  }
  return standings;
}

async function standingOf(
  record: PathRecord,
  signal: AbortSignal | undefined,
): Promise<Pick<Standing, 'present' | 'standing' | 'differences'>> {
  let present: PathState;
  try {
    present = await captureState(record.path, signal);
  } catch (error) {
    if (error instanceof DevmendError && error.data.code === 'cancelled') throw error;
    return { present: { type: 'other' }, standing: 'unreadable', differences: [] };
  }
  const left = leftState(record);
  const found = differences(present, left).filter((difference) => difference !== 'times');
  if (found.length === 0) return { present, standing: 'unchanged', differences: [] };
  if (sameFor(present, record.before))
    return { present, standing: 'already-restored', differences: [] };
  const standing = present.type === 'absent' ? 'missing' : 'changed';
  return { present, standing, differences: found };
}

/** A path that is not what the repair left, so that an undo would lose somebody's work. */
export function isConflict(standing: Pick<Standing, 'standing'>): boolean {
  const { standing: how } = standing;
  return how === 'changed' || how === 'missing' || how === 'unreadable';
}

/**
 * Repairs in effect that were made later on the same paths, or that cannot work
 * without what this one made (a shared sandbox); newest first: they go back first.
 */
export async function laterRepairs(
  all: readonly StoredTransaction[],
  chain: Chain,
): Promise<readonly StoredTransaction[]> {
  const paths = chain.last.model.records.map((record) => record.path);
  const later: StoredTransaction[] = [];
  for (const other of appliedChains(all)) {
    if (other.repair.id === chain.repair.id) continue;
    const touched = other.last.model.records.map((record) => record.path);
    const same = touched.some((path) => paths.some((own) => overlaps(path, own)));
    const isLater = other.last.id > chain.last.id;
    if ((isLater && same) || (chain.applied && (await needsOneOf(other, paths))))
      later.push(other.repair);
  }
  return later.reverse();
}

/** Whether a repair in effect points into one of the paths. */
async function needsOneOf(chain: Chain, paths: readonly string[]): Promise<boolean> {
  const plan = await readPlan(chain.repair);
  const needed = plan.changes.flatMap((change) => bindChange(change).needs);
  return needed.some((path) => paths.some((own) => path === own || path.startsWith(`${own}/`)));
}

/** Refuses with `sandbox-in-use` to take away what a repair in effect needs. */
export async function requireUnneeded(
  all: readonly StoredTransaction[],
  plan: Plan,
): Promise<void> {
  for (const change of plan.changes) {
    if (change.kind !== 'remove-tree') continue;
    const users: string[] = [];
    for (const chain of appliedChains(all))
      if (await needsOneOf(chain, [change.path]))
        users.push(...(chain.repair.model.begin?.subjects ?? []));
    if (users.length > 0)
      throw new DevmendError('sandbox-in-use', {
        directory: change.path,
        programs: users.join(', '),
      });
  }
}

/** The plan of an undo or redo: one `restore` a path, last path first. */
export async function revertPlan(
  machine: Machine,
  chain: Chain,
  standings: readonly Standing[],
  effects: readonly EffectStanding[],
  onConflict: OnConflict,
): Promise<Plan> {
  const original = await readPlan(chain.repair);
  const files = standings.map(({ record }): Change => {
    const title = restoreTitle(record, original);
    return {
      kind: 'restore',
      id: `restore-${record.index}`,
      title,
      privilege: 'user',
      reversibility: 'full',
      reversibilityReason: null,
      bytes: roomFor(record.before),
      path: record.path,
      transaction: chain.last.id,
      record: record.index,
      side: 'before',
      onConflict,
    };
  });
  const changes = [...files, ...effects.map((effect) => restoreEffect(effect, onConflict))];
  return {
    ...original,
    id: randomUUID(),
    createdAt: machine.clock().toISOString(),
    devmend: machine.version,
    changes,
    reliesOn: [],
    verifications: [],
    bytes: 0,
  };
}

function restoreEffect(standing: EffectStanding, onConflict: OnConflict): Change {
  const { effect, target } = standing;
  const back = bindEffect(effect.what).back(effect.before);
  const { reversibility } = bindEffect(back);
  return {
    kind: 'restore-effect',
    id: `restore-effect-${effect.index}:${target}`,
    title: restoreEffectTitle(standing),
    privilege: 'user',
    reversibility: reversibility.reversibility,
    reversibilityReason: reversibility.reason,
    bytes: 0,
    effect: back,
    wanted: effect.before,
    onConflict,
  };
}

/** Room a restore needs: files are copied beside their place, trees are moved. */
function roomFor(before: PathState): number {
  return before.type === 'file' ? before.size : 0;
}

/** "Restore settings.json" or "Remove the copy", in the words of what was done there. */
export function restoreTitle(record: PathRecord, plan: Plan): ReturnType<typeof message> {
  const change = plan.changes.find((candidate) => record.changes.includes(candidate.id));
  const name = record.path.slice(record.path.lastIndexOf('/') + 1);
  if (record.before.type === 'absent') {
    return change?.kind === 'create-sandbox'
      ? message('journal.restore.removeSandbox', { name })
      : message('journal.restore.remove', { name });
  }
  return leftState(record).type === 'absent'
    ? message('journal.restore.bringBack', { name })
    : message('journal.restore.file', { name });
}
