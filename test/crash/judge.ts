import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listTransactions, showTransaction } from '../../electron/engine/journal/history.ts';
import { recover, recoveryStatus } from '../../electron/engine/journal/recover.ts';
import { readTransaction } from '../../electron/engine/journal/store.ts';
import { undo } from '../../electron/engine/journal/undo.ts';
import type { Result } from '../../shared/error.ts';
import type { TransactionOutcome, TransactionSummary } from '../../shared/history.ts';
import type { Plan } from '../../shared/plan.ts';
import { job } from '../integration/journal/workbench.ts';
import { butForSomebodys } from './conflict.ts';
import type { Operation } from './operations.ts';
import { marksBelow, notAs, pictureOf, storeLitter, type Picture } from './picture.ts';
import type { Scenario, World } from './scenario.ts';

/** What a run is judged by. */
export interface Case {
  readonly scenario: Scenario;
  readonly operation: Operation;
  readonly world: World;
  readonly plan: Plan;
  readonly fresh: Picture;
  readonly applied: Picture;
  /** The home at the start of the operation; null when it started from something half done. */
  readonly start: Picture | null;
  /** Whether the repair had been applied when the operation began: its times are known then. */
  readonly timesKnown: boolean;
}

/** Recovers, and answers everything that is not as it has to be afterwards. */
export async function judge(one: Case): Promise<readonly string[]> {
  const { machine } = one.world;
  const before = await recoveryStatus(machine);
  if (!before.ok) return [`recoveryStatus: ${before.error.code}`];
  const expected = before.value.interrupted.map(({ id }) => id);
  return [
    ...(await recovered(one, expected)),
    ...(await settled(one)),
    ...(await recoveredAgain(one)).map((wrong) => `recovered again: ${wrong}`),
    ...(await undoIsExact(one)),
  ];
}

/** Recovery once more finds nothing to do; what it has not even touched needs no second look. */
async function recoveredAgain(one: Case): Promise<readonly string[]> {
  const before = marks(one);
  const wrong = await recovered(one, []);
  return marks(one) === before ? wrong : [...wrong, ...(await settled(one))];
}

/** Changes with whatever is done to the home, the store, or what lies on no disk. */
function marks({ world, scenario }: Case): string {
  const { home, directories } = world.machine;
  const outside = scenario.outside?.(world).read() ?? '';
  return [...marksBelow(home), ...marksBelow(directories.state), outside].join('\n');
}

/** Runs recovery: it ends what was interrupted, names every path of it, and nothing else. */
async function recovered(one: Case, expected: readonly string[]): Promise<readonly string[]> {
  const { machine } = one.world;
  const listening = job();
  const outcomes = await recover(machine, listening);
  if (!outcomes.ok)
    return [`recover: ${outcomes.error.code} ${JSON.stringify(outcomes.error.params)}`];
  const ids = outcomes.value.map(({ id }) => id);
  const wrong: string[] = [];
  if ([...ids].sort().join() !== [...expected].sort().join())
    wrong.push(`recovery was announced for [${expected.join()}] and done for [${ids.join()}]`);
  for (const { id, status, failure, kept } of outcomes.value) {
    if (status !== 'rolled-back')
      wrong.push(`recovery of ${id}: ${status} ${JSON.stringify(failure)}`);
    if (kept.length > 0) wrong.push(`recovery kept ${kept.join()}`);
    const told = JSON.stringify(listening.events);
    const { model } = await readTransaction(machine, id);
    for (const { path } of model.records)
      if (!told.includes(JSON.stringify(path))) wrong.push(`recovery does not name ${path}`);
  }
  return wrong;
}

/** Whether the history says that the repair is in effect. */
function isApplied(repair: TransactionSummary | undefined): boolean {
  return repair?.status === 'applied' || repair?.status === 'verified';
}

async function history(one: Case): Promise<readonly TransactionSummary[] | string> {
  const list = await listTransactions(one.world.machine);
  return list.ok ? list.value : `history: ${list.error.code}`;
}

/** The home with the repair in effect; with somebody's work in it where there is any. */
function inEffect({ operation, start, applied }: Case): Picture {
  return operation.conflict !== undefined && start !== null ? start : applied;
}

/** The home without the repair; with somebody's work in it where that was to be kept. */
function takenBack({ operation, start, fresh, plan, world }: Case): Picture {
  const { home } = world.machine;
  return operation.conflict === 'keep' && start !== null
    ? butForSomebodys(fresh, start, { home, plan })
    : fresh;
}

/** The world is what the history says, to the last fact, and holds nothing else. */
async function settled(one: Case): Promise<readonly string[]> {
  const { world, plan, scenario } = one;
  const list = await history(one);
  if (typeof list === 'string') return [list];
  const repair = list.find(({ type }) => type === 'apply');
  const applied = isApplied(repair);
  const now = await pictureOf(world.machine.home, plan);
  const wanted = applied ? inEffect(one) : takenBack(one);
  return [
    ...notAs(now, wanted, !applied || one.timesKnown).map(
      (wrong) => `${applied ? 'after' : 'before'}: ${wrong}`,
    ),
    ...storeLitter(world.machine.directories.state),
    ...list.filter(({ status }) => status === 'interrupted').map(({ id }) => `still open: ${id}`),
    ...unlisted(world.machine.directories.state, list),
    ...(scenario.wrong?.(world, applied) ?? []),
  ];
}

/** The history names what the store holds, and an undo or redo never without its repair. */
function unlisted(state: string, list: readonly TransactionSummary[]): readonly string[] {
  const ids = list.map(({ id }) => id);
  const stored = readdirSync(join(state, 'journal'));
  return [
    ...stored.filter((id) => !ids.includes(id)).map((id) => `not in the history: ${id}`),
    ...ids.filter((id) => !stored.includes(id)).map((id) => `not in the store: ${id}`),
    ...list
      .filter(({ undoes }) => undoes !== null && !ids.includes(undoes))
      .map(({ id }) => `without its repair: ${id}`),
  ];
}

async function undoIsExact(one: Case): Promise<readonly string[]> {
  const { machine } = one.world;
  const list = await history(one);
  if (typeof list === 'string') return [list];
  const repair = list.find(({ type }) => type === 'apply');
  if (repair === undefined || !isApplied(repair)) return [];
  const detail = await showTransaction(machine, repair.id);
  if (!detail.ok) return [`show: ${detail.error.code}`];
  if (!detail.value.canUndo) return one.operation.keepsUndo ? ['undo is not offered'] : [];
  const onConflict = one.operation.conflict === undefined ? 'stop' : 'restore';
  const undone = await undo(machine, repair.id, { onConflict }, job());
  if (!undone.ok) return [`undo: ${undone.error.code}`];
  if (undone.value.failure !== null) return [`undo: ${undone.value.failure.code}`];
  const now = await pictureOf(machine.home, one.plan);
  return notAs(now, one.fresh, true).map((wrong) => `after undo: ${wrong}`);
}

/** What an operation that came to its end has said: no success that is none, no failure either. */
export async function honest(one: Case, answer: string | null): Promise<readonly string[]> {
  if (answer === null) return ['the operation ended without an answer'];
  const result = JSON.parse(answer) as Result<TransactionOutcome | readonly TransactionOutcome[]>;
  if (one.start === null) return [];
  const now = await pictureOf(one.world.machine.home, one.plan);
  // Refused: nothing has been written.
  if (!result.ok) return notAs(now, one.start, true).map((wrong) => `refused, but ${wrong}`);
  if (!('failure' in result.value)) return [];
  const { id, status, failure } = result.value;
  const list = await history(one);
  if (typeof list === 'string') return [list];
  const listed = list.find((summary) => summary.id === id);
  const wrong: string[] = [];
  // After a failed fsync of the last line nobody knows what the disk has: `interrupted` is true.
  if (status !== 'interrupted' && listed?.status !== status)
    wrong.push(`told ${status}, listed as ${listed?.status ?? 'nothing'}`);
  if ((status === 'verified' || status === 'applied') !== (failure === null))
    wrong.push(`${status} with failure ${failure?.code ?? 'none'}`);
  if (status === 'rolled-back')
    wrong.push(...notAs(now, one.start, true).map((each) => `rolled back, but ${each}`));
  return wrong;
}
