import { dirname, join } from 'node:path';
import { DevmendError, type ErrorData } from '../../../shared/error.ts';
import type { Unrestored } from '../../../shared/history.ts';
import type { Message } from '../../../shared/message.ts';
import { bindEffect } from '../effects/registry.ts';
import { guarded, isAbsent } from '../faults.ts';
import type { JobContext } from '../job.ts';
import {
  bringBack,
  removeMadeDirectories,
  removeTemporaries,
  removeTemporary,
  type BroughtBack,
} from './bring-back.ts';
import { syncDirectory, syncPath } from './durable.ts';
import { bringEffectBack } from './effects.ts';
import { nearestExisting } from './images.ts';
import type { PathRecord, TransactionModel } from './model.ts';
import { releaseReserve, type OpenTransaction } from './open-transaction.ts';
import { reasonOfEffect, reasonOfPath } from './unrestored.ts';

/** What a roll-back has left as it is. */
export interface RolledBack {
  /** Paths and targets of effects. */
  readonly kept: readonly string[];
  /** Those of `kept` that could not be put back. */
  readonly unrestored: readonly Unrestored[];
}

/**
 * Takes back everything a transaction has done, last path first, and says so
 * durably. Used when a repair fails and by recovery after a crash; it may itself
 * be interrupted and done again. One path or effect that fails stops no other. What
 * can never be put back is kept and named with the reason; what may pass is thrown as
 * DevmendError behind all the others, and the transaction stays `interrupted`.
 */
export async function rollBack(
  transaction: OpenTransaction,
  failure: ErrorData,
  job: Pick<JobContext, 'emit'>,
): Promise<RolledBack> {
  const { model } = transaction;
  await releaseReserve(transaction);
  const begunBefore = model.phase === 'rolling-back';
  if (model.phase === 'prepared') await transaction.append({ type: 'roll-back', failure });
  const losses = new Losses(transaction);
  const outcomes = await bringAllBack(transaction, losses, job);
  for (const path of model.temporaries)
    await losses.attempt(path, async () => removeTemporary(path));
  // Directories may have held temporaries until now.
  for (const { directories, path, index } of [...model.records].reverse())
    if (outcomes.get(index) !== 'kept')
      await losses.attempt(path, async () => removeMadeDirectories(directories));
  const somebodys = [
    ...model.records.filter(({ index }) => outcomes.get(index) === 'kept').map(({ path }) => path),
    ...(await bringEffectsBack(transaction, losses, job)),
  ];
  if (begunBefore) await settle(model, outcomes, losses);
  losses.throwWhatMayPass();
  const { unrestored } = losses;
  const kept = [...somebodys, ...unrestored.map(({ target }) => target)];
  const started = Date.parse(model.at);
  const durationMs = Math.max(0, transaction.machine.clock().getTime() - started);
  await transaction.append({
    type: 'rolled-back',
    durationMs,
    kept,
    ...(unrestored.length > 0 && { unrestored: [...unrestored] }),
  });
  return { kept, unrestored };
}

/** What has failed on the way, so that everything else is tried all the same. */
class Losses {
  readonly unrestored: Unrestored[] = [];
  private readonly passing: unknown[] = [];
  private readonly journal: string;

  constructor({ directory }: OpenTransaction) {
    this.journal = join(directory, 'journal.jsonl');
  }

  /** `reasonOf` answers why it can never be done; without one it may always pass. */
  async attempt(
    target: string,
    work: () => Promise<void>,
    reasonOf: (error: unknown) => Promise<Message | null> | Message | null = () => null,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      // What cannot be announced must not be done.
      if (isAbout(error, this.journal)) throw error;
      const reason = await reasonOf(error);
      if (reason === null) this.passing.push(error);
      else this.unrestored.push({ target, reason });
    }
  }

  throwWhatMayPass(): void {
    if (this.passing.length > 0) throw this.passing[0];
  }
}

/**
 * A roll-back that was killed may have put back or removed what it did not come to sync.
 * The next one finds it as it should be; before it says so it makes it durable.
 */
async function settle(
  { records, temporaries }: TransactionModel,
  outcomes: ReadonlyMap<number, BroughtBack>,
  losses: Losses,
): Promise<void> {
  const found = records.filter(
    ({ index, steps }) => steps.length > 0 && outcomes.get(index) === 'untouched',
  );
  for (const { path, before } of found)
    if (before.type === 'file')
      await losses.attempt(path, async () => guarded(path, async () => syncPath(path)));
  const paths = [...found.map(({ path }) => path), ...temporaries];
  for (const directory of new Set(paths.map((path) => dirname(path))))
    await losses.attempt(directory, async () => guarded(directory, async () => sync(directory)));
}

/** The directory, or what is left above it. */
async function sync(directory: string): Promise<void> {
  try {
    await syncDirectory(await nearestExisting(directory));
  } catch (error) {
    // A link that leads nowhere by now has nothing to lose.
    if (!isAbsent(error)) throw error;
  }
}

/** Behind the files, last first: a cache is made again from the files that are back. */
async function bringEffectsBack(
  { model }: OpenTransaction,
  losses: Losses,
  job: Pick<JobContext, 'emit'>,
): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const record of [...model.effects].reverse()) {
    const { target } = bindEffect(record.what);
    const bring = async (): Promise<void> => {
      const outcome = await bringEffectBack(record);
      if (outcome === 'kept') kept.push(target);
      if (outcome === 'restored')
        job.emit({ type: 'step', id: record.change, state: 'undone', detail: null, ms: null });
    };
    await losses.attempt(target, bring, (error) => reasonOfEffect(record, error));
  }
  return kept;
}

/**
 * How each record ended, by its index; absent where it failed. A full disk may stop one
 * path until another has given room: those are tried once more.
 */
async function bringAllBack(
  transaction: OpenTransaction,
  losses: Losses,
  job: Pick<JobContext, 'emit'>,
): Promise<ReadonlyMap<number, BroughtBack>> {
  const outcomes = new Map<number, BroughtBack>();
  const bring = async (record: PathRecord): Promise<void> => {
    const outcome = await bringBack(transaction, record);
    outcomes.set(record.index, outcome);
    if (outcome === 'restored') tellUndone(transaction, record, job);
  };
  const attempt = async (record: PathRecord, work: () => Promise<void>): Promise<void> =>
    losses.attempt(record.path, work, (error) => reasonOfPath(transaction, record, error));
  const delayed: PathRecord[] = [];
  for (const record of [...transaction.model.records].reverse())
    await attempt(record, async () => {
      try {
        await bring(record);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        delayed.push(record);
      }
    });
  if (delayed.length > 0) await removeTemporaries(transaction).catch(() => undefined);
  for (const record of delayed) await attempt(record, async () => bring(record));
  return outcomes;
}

function isDiskFull(error: unknown): boolean {
  return error instanceof DevmendError && error.data.code === 'disk-full';
}

function isAbout(error: unknown, path: string): boolean {
  return error instanceof DevmendError && error.data.params['path'] === path;
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
