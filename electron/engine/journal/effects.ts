import { DevmendError } from '../../../shared/error.ts';
import type { Message } from '../../../shared/message.ts';
import { message } from '../../../shared/message.ts';
import type { PathStanding } from '../../../shared/history.ts';
import type { Effect } from '../../../shared/plan.ts';
import { bindEffect } from '../effects/registry.ts';
import type { Entry } from './entries.ts';
import type { EffectRecord } from './model.ts';
import type { OpenTransaction } from './open-transaction.ts';

/** How the effects of some changes stand now: what the journal says before anything is changed. */
export async function readEffects(
  changes: readonly { readonly change: string; readonly effects: readonly Effect[] }[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { change, effects } of changes)
    for (const what of effects) {
      const state = await bindEffect(what).read();
      entries.push({ type: 'effect', effect: entries.length, change, what, state });
    }
  return entries;
}

/** Sets the effects of a change, each announced before and read back after. */
export async function setEffects(transaction: OpenTransaction, change: string): Promise<void> {
  for (const record of transaction.model.effects) {
    if (record.change !== change) continue;
    const { index } = record;
    const effect = bindEffect(record.what);
    if ((await effect.read()) !== record.before)
      throw new DevmendError('target-changed', { path: effect.target });
    await transaction.append({ type: 'effect-step', effect: index, after: effect.expected });
    await effect.set();
    const state = await effect.read();
    if (effect.expected !== null && state !== effect.expected)
      throw new DevmendError('verification-failed', { path: effect.target, what: state });
    await transaction.append({ type: 'effect-done', effect: index, state });
  }
}

/**
 * Brings an effect back to what it was before: roll-back and recovery, after the
 * files are back. Answers `kept` for a value that is neither before nor after:
 * somebody else has set it. Can be interrupted and done again.
 */
export async function bringEffectBack(
  record: EffectRecord,
): Promise<'untouched' | 'restored' | 'kept'> {
  if (record.announced === undefined) return 'untouched';
  const back = bindEffect(bindEffect(record.what).back(record.before));
  const present = await back.read();
  // A tool that was ended may have left more than can be read: its effect is made again.
  if (present === record.before && record.announced !== null) return 'untouched';
  const isOurs =
    record.announced === null || back.expected === null || present === record.announced;
  if (present !== record.before && !isOurs) return 'kept';
  await back.set();
  const state = await back.read();
  if (back.expected !== null && state !== back.expected)
    throw new DevmendError('verification-failed', { path: back.target, what: state });
  return 'restored';
}

/** How an effect stands now against what a transaction left. */
export interface EffectStanding {
  readonly effect: EffectRecord;
  readonly target: string;
  readonly present: string;
  readonly standing: PathStanding;
}

/** Looks at every effect of a transaction, last one first. */
export async function effectStandingsOf(
  effects: readonly EffectRecord[],
): Promise<readonly EffectStanding[]> {
  const standings: EffectStanding[] = [];
  for (const effect of [...effects].reverse()) {
    if (effect.left === null) continue;
    const { target, expected } = bindEffect(effect.what);
    standings.push({ effect, target, ...(await standingOf(effect, expected)) });
  }
  return standings;
}

async function standingOf(
  effect: EffectRecord,
  expected: string | null,
): Promise<Pick<EffectStanding, 'present' | 'standing'>> {
  try {
    const present = await bindEffect(effect.what).read();
    // What a tool makes of the files is made again: whatever it made before is no one's work.
    if (expected === null || present === effect.left) return { present, standing: 'unchanged' };
    return { present, standing: present === effect.before ? 'already-restored' : 'changed' };
  } catch {
    return { present: '', standing: 'unreadable' };
  }
}

/** What undo does about an effect, in words. */
export function restoreEffectTitle({ effect, target }: EffectStanding): Message {
  const { expected } = bindEffect(bindEffect(effect.what).back(effect.before));
  return expected === null
    ? message('journal.restore.rebuild', { name: target })
    : message('journal.restore.value', { name: target, value: effect.before });
}
