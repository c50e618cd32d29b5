import { dirname } from 'node:path';
import {
  DevmendError,
  ok,
  withSomethingLeft,
  type ErrorData,
  type Result,
} from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { ChangePreview, Plan } from '../../../shared/plan.ts';
import { targetOf, type ChangeContext } from '../changes/change.ts';
import { bindChange, type BoundChange } from '../changes/registry.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { removeTemporaries } from './bring-back.ts';
import { asDevmendError } from '../faults.ts';
import { setEffects } from './effects.ts';
import { requireKeepable } from './foreseen.ts';
import { readSettings } from '../settings.ts';
import { takeLock } from './lock.ts';
import type { Answered } from './model.ts';
import {
  prepareTransaction,
  releaseReserve,
  type OpenTransaction,
  type Preparation,
  type TouchedPath,
} from './open-transaction.ts';
import { requirePackagesAtRest } from './package-files.ts';
import { retainByItself } from './retention.ts';
import { rollBack, type RolledBack } from './roll-back.ts';
import { Steps } from './step-events.ts';
import { install, nameTemporary, overwrite, remove, take } from './steps.ts';
import { ensureStore } from './store.ts';

/** A check after the changes; `error` says why it did not pass. */
export interface CheckAnswer {
  readonly passed: boolean;
  readonly output: string;
  readonly error: ErrorData | null;
  readonly notes?: readonly Message[];
}

export interface TransactionCheck {
  readonly title: Message;
  readonly run: (job: JobContext) => Promise<CheckAnswer>;
}

export interface TransactionRequest {
  readonly operation: 'apply' | 'undo' | 'redo';
  readonly undoes: string | null;
  readonly reverts: string | null;
  readonly plan: Plan;
  readonly title: Message;
  readonly subjects: readonly string[];
  readonly kept: readonly string[];
  readonly checks: readonly TransactionCheck[];
  /** Looked at under the lock, before anything is written; throws to refuse. */
  readonly guard: () => Promise<void>;
}

/**
 * Brings a plan about, all of it or nothing: lock, guard, before-images and intent
 * (durable), the changes one by one, their checks, commit (durable). A failure or a
 * cancel on the way rolls everything back and the outcome says so. Answers a
 * failure instead of an outcome when it ended before anything was written.
 */
export async function runTransaction(
  machine: Machine,
  request: TransactionRequest,
  job: JobContext,
): Promise<Result<TransactionOutcome>> {
  try {
    await ensureStore(machine);
    const lock = await takeLock(machine);
    if (!lock.ok) return lock;
    try {
      const outcome = await runLocked(machine, request, job);
      if (outcome.failure === null) await keepWithinLimits(machine, job);
      return ok(outcome);
    } finally {
      await lock.value.release();
    }
  } catch (error) {
    return { ok: false, error: asDevmendError(error, machine.directories.state).data };
  }
}

/** Old entries go when a new one has come. That they cannot is no failure of the repair. */
async function keepWithinLimits(machine: Machine, job: JobContext): Promise<void> {
  try {
    const { settings } = await readSettings(machine.directories.config);
    const { removed, freedBytes } = await retainByItself(machine, settings.retention);
    if (removed.length === 0) return;
    const params = { count: removed.length, size: readableSize(freedBytes) };
    job.emit({ type: 'note', note: message('journal.note.expired', params) });
  } catch {
    // The next transaction tries again, and `devmend prune` says why it cannot.
  }
}

const NOTHING: RolledBack = { kept: [], unrestored: [] };

async function runLocked(
  machine: Machine,
  request: TransactionRequest,
  job: JobContext,
): Promise<TransactionOutcome> {
  await request.guard();
  stopIfCancelled(job);
  const changes = request.plan.changes.map(bindChange);
  const touched = touchedPaths(changes);
  const paths = touched.map(({ path }) => path);
  await requirePackagesAtRest(machine, paths, job.signal);
  const previews: ChangePreview[] = [];
  for (const bound of changes) {
    previews.push(await bound.preview(machine));
    await requireKeepable(machine, bound);
  }
  const preparation = preparationOf(request, changes, touched, previews);
  const steps = new Steps(machine, job, request);
  const transaction = await steps.run('before-images', async () => {
    const prepared = await prepareTransaction(machine, preparation, job);
    return { value: prepared, detail: savedDetail(prepared) };
  });
  const failure = await carryOut(transaction, changes, request, job, steps);
  try {
    const left = failure === null ? NOTHING : await rollBack(transaction, failure, job);
    return outcomeOf(transaction, request, failure, left);
  } catch (error) {
    return outcomeOf(
      transaction,
      request,
      asDevmendError(error, transaction.directory).data,
      NOTHING,
    );
  } finally {
    await transaction.close();
  }
}

/** Null when it is committed; else why everything has to go back. */
async function carryOut(
  transaction: OpenTransaction,
  changes: readonly BoundChange[],
  request: TransactionRequest,
  job: JobContext,
  steps: Steps,
): Promise<ErrorData | null> {
  const context = contextOf(transaction, job);
  try {
    for (const bound of changes) {
      stopIfCancelled(job);
      const { id } = bound.change;
      await steps.run(id, async () => {
        await transaction.append({ type: 'start', change: id });
        await bound.apply(context);
        await setEffects(transaction, id);
        const detail = await bound.verify(context);
        await transaction.append({ type: 'done', change: id });
        return { value: null, detail };
      });
    }
    await runChecks(transaction, request, job, steps);
    stopIfCancelled(job);
    await commit(transaction, request);
    return null;
  } catch (error) {
    if (transaction.model.phase === 'committed') return null;
    const target = changes[0] === undefined ? '' : targetOf(changes[0].change);
    return inPlainNames(asDevmendError(error, target).data, transaction);
  }
}

/** Nobody knows the temporary that a tool stumbled over: the path it stands for is named. */
function inPlainNames(failure: ErrorData, { model }: OpenTransaction): ErrorData {
  const path = String(failure.params['path'] ?? '');
  const temporary = model.temporaries.find((name) => `${path}/`.startsWith(`${name}/`));
  if (temporary === undefined) return failure;
  const record = model.records.find((one) => dirname(one.path) === dirname(temporary));
  if (record === undefined) return failure;
  const named = record.path + path.slice(temporary.length);
  return { ...failure, params: { ...failure.params, path: named } };
}

async function runChecks(
  transaction: OpenTransaction,
  request: TransactionRequest,
  job: JobContext,
  steps: Steps,
): Promise<void> {
  for (const [index, check] of request.checks.entries()) {
    stopIfCancelled(job);
    await steps.run(`verify-${index}`, async () => {
      const answer = await check.run(job);
      const told: Answered = {
        title: check.title,
        passed: answer.passed,
        output: answer.output,
        ...((answer.notes ?? []).length > 0 && { notes: [...(answer.notes ?? [])] }),
      };
      await transaction.append({ type: 'verified', answer: told });
      if (!answer.passed) throw failedCheck(transaction, answer);
      const detail = message('journal.step.answered', { answer: answer.output });
      return { value: null, detail: answer.output === '' ? null : detail };
    });
  }
}

function failedCheck(transaction: OpenTransaction, answer: CheckAnswer): DevmendError {
  if (answer.error !== null) return DevmendError.from(answer.error);
  const path = transaction.model.records[0]?.path ?? '';
  return new DevmendError('verification-failed', { path, what: answer.output });
}

/** The one line that decides: before it everything goes back, after it everything stays. */
async function commit(transaction: OpenTransaction, request: TransactionRequest): Promise<void> {
  await removeTemporaries(transaction);
  await releaseReserve(transaction);
  const { machine, model } = transaction;
  const durationMs = Math.max(0, machine.clock().getTime() - Date.parse(model.at));
  const status = request.checks.length > 0 ? 'verified' : 'applied';
  await transaction.append({ type: 'commit', status, durationMs });
}

function contextOf(transaction: OpenTransaction, job: JobContext): ChangeContext {
  return {
    emit: job.emit,
    signal: job.signal,
    machine: transaction.machine,
    temporary: async (target) => nameTemporary(transaction, target),
    install: async (staged, target) => install(transaction, staged, target),
    overwrite: async (target, content) => overwrite(transaction, target, content),
    remove: async (target) => remove(transaction, target),
    take: async (image, target) => take(transaction, image, target),
  };
}

/** Every path once, with all changes that touch it; a path inside another is refused. */
function touchedPaths(changes: readonly BoundChange[]): readonly TouchedPath[] {
  const byPath = new Map<string, string[]>();
  for (const { change, touches } of changes)
    for (const path of touches) byPath.set(path, [...(byPath.get(path) ?? []), change.id]);
  const paths = [...byPath.keys()];
  const nested = paths.find((path) => paths.some((other) => path.startsWith(`${other}/`)));
  if (nested !== undefined) throw new DevmendError('plan-invalid', { detail: nested });
  return [...byPath].map(([path, ids]) => ({ path, changes: ids }));
}

function preparationOf(
  request: TransactionRequest,
  changes: readonly BoundChange[],
  touched: readonly TouchedPath[],
  previews: readonly ChangePreview[],
): Preparation {
  return {
    plan: request.plan,
    previews,
    touched,
    effects: changes.map(({ change, effects }) => ({ change: change.id, effects })),
    needs: changes.map(({ change }) => ({ path: targetOf(change), bytes: change.bytes })),
    begin: {
      devmend: request.plan.devmend,
      operation: request.operation,
      undoes: request.undoes,
      reverts: request.reverts,
      title: request.title,
      subjects: [...request.subjects],
      kept: [...request.kept],
      // What can be undone is said as it was shown: the preview has looked at this machine.
      changes: previews.map(({ change: id, kind, target, title, reversibility }) => ({
        id,
        kind,
        target,
        title,
        reversibility,
      })),
    },
  };
}

function savedDetail(transaction: OpenTransaction): Message {
  const files = transaction.model.records.filter((record) => record.image !== null).length;
  const bytes = transaction.model.begin?.imageBytes ?? 0;
  return message('journal.step.saved', { count: files, size: readableSize(bytes) });
}

/** Decimal units with one digit, as file managers show them. */
function readableSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function outcomeOf(
  transaction: OpenTransaction,
  request: TransactionRequest,
  failure: ErrorData | null,
  { kept, unrestored }: RolledBack,
): TransactionOutcome {
  const { model } = transaction;
  const rolledBack = model.phase === 'rolled-back' ? 'rolled-back' : 'interrupted';
  const isLeft = kept.length > 0 || unrestored.length > 0 || rolledBack === 'interrupted';
  return {
    id: transaction.id,
    status: model.phase === 'committed' ? (model.status ?? 'applied') : rolledBack,
    title: request.title,
    verifications: [...model.answers],
    failure: failure !== null && isLeft ? withSomethingLeft(failure) : failure,
    durationMs: model.durationMs ?? 0,
    kept: [...request.kept, ...kept],
    ...(unrestored.length > 0 && { unrestored: [...unrestored] }),
  };
}

/** Cancel is honoured between steps; a step itself looks at the signal where it is long. */
function stopIfCancelled(job: JobContext): void {
  if (job.signal.aborted) throw new DevmendError('cancelled');
}
