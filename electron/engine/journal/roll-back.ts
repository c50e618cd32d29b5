import { DevmendError, type ErrorData } from '../../../shared/error.ts';
import { bindEffect } from '../effects/registry.ts';
import type { JobContext } from '../job.ts';
import {
  bringBack,
  removeMadeDirectories,
  removeTemporaries,
  type BroughtBack,
} from './bring-back.ts';
import { bringEffectBack } from './effects.ts';
import type { PathRecord } from './model.ts';
import { releaseReserve, type OpenTransaction } from './open-transaction.ts';

/**
 * Takes back everything a transaction has done, last path first, and says so
 * durably. Used when a repair fails and by recovery after a crash; it may itself
 * be interrupted and done again. Throws DevmendError when something could not be
 * brought back: the transaction then stays `interrupted`.
 */
export async function rollBack(
  transaction: OpenTransaction,
  failure: ErrorData,
  job: Pick<JobContext, 'emit'>,
): Promise<readonly string[]> {
  const { model } = transaction;
  await releaseReserve(transaction);
  if (model.phase === 'prepared') await transaction.append({ type: 'roll-back', failure });
  const outcomes = await bringAllBack(transaction, job);
  await removeTemporaries(transaction);
  // Directories may have held temporaries until now.
  for (const record of [...model.records].reverse())
    if (outcomes.get(record) !== 'kept') await removeMadeDirectories(record.directories);
  const keptPaths = model.records
    .filter((record) => outcomes.get(record) === 'kept')
    .map((record) => record.path);
  const kept = [...keptPaths, ...(await bringEffectsBack(transaction, job))];
  const started = Date.parse(model.at);
  const durationMs = Math.max(0, transaction.machine.clock().getTime() - started);
  await transaction.append({ type: 'rolled-back', durationMs, kept });
  return kept;
}

/** Behind the files, last first: a cache is made again from the files that are back. */
async function bringEffectsBack(
  { model }: OpenTransaction,
  job: Pick<JobContext, 'emit'>,
): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const record of [...model.effects].reverse()) {
    const outcome = await bringEffectBack(record);
    if (outcome === 'kept') kept.push(bindEffect(record.what).target);
    if (outcome === 'restored')
      job.emit({ type: 'step', id: record.change, state: 'undone', detail: null, ms: null });
  }
  return kept;
}

/** A full disk may stop one path until another has given room: those are tried once more. */
async function bringAllBack(
  transaction: OpenTransaction,
  job: Pick<JobContext, 'emit'>,
): Promise<ReadonlyMap<PathRecord, BroughtBack>> {
  const outcomes = new Map<PathRecord, BroughtBack>();
  const bring = async (record: PathRecord): Promise<void> => {
    const outcome = await bringBack(transaction, record);
    outcomes.set(record, outcome);
    if (outcome === 'restored') tellUndone(transaction, record, job);
  };
  const delayed: PathRecord[] = [];
  for (const record of [...transaction.model.records].reverse()) {
    try {
      await bring(record);
    } catch (error) {
      if (!(error instanceof DevmendError) || error.data.code !== 'disk-full') throw error;
      delayed.push(record);
    }
  }
  if (delayed.length > 0) await removeTemporaries(transaction);
  for (const record of delayed) await bring(record);
  return outcomes;
}

function tellUndone(
  transaction: OpenTransaction,
  record: PathRecord,
  job: Pick<JobContext, 'emit'>,
): void {
  for (const id of record.changes)
    if (transaction.model.started.includes(id))
      job.emit({ type: 'step', id, state: 'undone', detail: null, ms: null });
}
