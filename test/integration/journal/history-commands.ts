import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { listTransactions } from '../../../electron/engine/journal/history.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import type { Change } from '../../../shared/plan.ts';
import {
  factsOf,
  type Facts,
  type HistoryModel,
  type OnConflict,
  type Repair,
} from './history-model.ts';
import {
  code,
  copyTree,
  editJson,
  job,
  passing,
  planOf,
  removeTree,
  value,
  type Workbench,
} from './workbench.ts';

/** What stands in the home at first: three files, and a tree with one of its own. */
export const files = ['one.json', 'two.json', 'tree/inner.json', 'copy/inner.json'];
const ORIGINAL = '{\n  // mine\n  "a": 1,\n}\n';

export function makeWorld(bench: Workbench): void {
  mkdirSync(bench.at('tree'));
  for (const name of files.slice(0, 3)) writeFileSync(bench.at(name), ORIGINAL);
}

type Command = fc.AsyncCommand<HistoryModel, Workbench>;

/** Each with the paths it touches; some share one, some lie inside another's. */
const repairs: Readonly<Record<string, (bench: Workbench, text: string) => Change[]>> = {
  one: (bench, text) => [edit(bench, 'one.json', text)],
  both: (bench, text) => [edit(bench, 'one.json', text), edit(bench, 'two.json', text)],
  two: (bench, text) => [edit(bench, 'two.json', text)],
  inner: (bench, text) => [edit(bench, 'tree/inner.json', text)],
  copied: (bench, text) => [edit(bench, 'copy/inner.json', text)],
  copy: (bench) => [copyTree(bench.at('tree'), bench.at('copy'))],
  removal: (bench) => [removeTree(bench.at('tree'))],
  'removal-and-edit': (bench, text) => [
    removeTree(bench.at('copy')),
    edit(bench, 'two.json', text),
  ],
};

/** Made from what stands there; where nothing does, it is a plan that cannot be applied. */
function edit(bench: Workbench, name: string, text: string): Change {
  const path = bench.at(name);
  const present = lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const before = present ? /"a": ("[^"]*"|\d+)/.exec(readFileSync(path, 'utf8'))?.[1] : '1';
  return editJson(path, 'a', JSON.parse(before ?? '1') as unknown, text);
}

function pathsOf(changes: readonly Change[]): readonly string[] {
  return changes.map((change) =>
    change.kind === 'copy-tree' ? change.to : 'path' in change ? change.path : '',
  );
}

function factsOfAll(paths: Iterable<string>): ReadonlyMap<string, Facts> {
  return new Map([...paths].map((path) => [path, factsOf(path)]));
}

const home = (bench: Workbench): string =>
  ['one.json', 'two.json', 'tree', 'copy'].map((name) => factsOf(bench.at(name)).exact).join('\n');

const applying = (name: string, text: string): Command => ({
  check: (): boolean => true,
  toString: (): string => `apply ${name} ${JSON.stringify(text)}`,
  run: async (model: HistoryModel, bench: Workbench) => {
    const changes = repairs[name]?.(bench, text) ?? [];
    const paths = pathsOf(changes);
    const before = factsOfAll(paths);
    const whole = home(bench);
    const answer = await applyPlan(bench.machine, planOf(bench, changes), job(), passing);
    if (answer.ok) {
      expect(model.pending).toBeNull();
      expect(answer.value.failure).toBeNull();
      for (const change of changes) requireDone(change, text);
      model.record({ id: answer.value.id, links: [] }, before, factsOfAll(paths));
      return;
    }
    expect(home(bench)).toBe(whole);
    if (model.pending !== null) expect(code(answer)).toBe('recovery-needed');
    else expect(cannotBeDone(bench, changes), code(answer)).toBe(true);
  },
});

function requireDone(change: Change, text: string): void {
  if (change.kind === 'edit-json')
    expect(readFileSync(change.path, 'utf8')).toContain(`"a": ${JSON.stringify(text)}`);
  if (change.kind === 'remove-tree') expect(existsSync(change.path)).toBe(false);
  if (change.kind === 'copy-tree')
    expect(factsOf(change.to).meaning).toBe(factsOf(change.from).meaning);
}

/** Whether one of the changes does not fit what stands there. */
function cannotBeDone(bench: Workbench, changes: readonly Change[]): boolean {
  return changes.some((change) => {
    if (change.kind === 'copy-tree') return existsSync(change.to) || !existsSync(bench.at('tree'));
    if (change.kind === 'remove-tree') return !existsSync(change.path);
    if (change.kind !== 'edit-json') return false;
    return lstatSync(change.path, { throwIfNoEntry: false })?.isFile() !== true;
  });
}

const reverting = (operation: 'undo' | 'redo', which: number, mode: OnConflict): Command => ({
  check: (model: Readonly<HistoryModel>): boolean => model.repairs.length > 0,
  toString: (): string => `${operation} #${String(which)} ${mode}`,
  run: async (model: HistoryModel, bench: Workbench) => {
    const repair = model.repairs[which % model.repairs.length];
    if (repair === undefined || (operation === 'redo' && model.makesAgain(repair))) return;
    await revert(model, bench, repair, operation, mode);
  },
});

/** Does it, and compares everything with what the model says. */
async function revert(
  model: HistoryModel,
  bench: Workbench,
  repair: Repair,
  operation: 'undo' | 'redo',
  asked: OnConflict,
): Promise<boolean> {
  const mode = operation === 'redo' ? 'stop' : asked;
  const expected = model.expectRevert(repair, operation, mode);
  const whole = home(bench);
  const listed = value(await listTransactions(bench.machine)).length;
  const present = expected.refused === null ? factsOfAll(expected.restored.keys()) : new Map();
  const answer =
    operation === 'undo'
      ? await undo(bench.machine, repair.id, { onConflict: mode }, job())
      : await redo(bench.machine, repair.id, job());
  if (expected.refused !== null) {
    expect(code(answer)).toBe(expected.refused);
    if (expected.names !== null)
      expect(answer).toMatchObject({ error: { params: { id: expected.names } } });
    expect(home(bench)).toBe(whole);
    expect(value(await listTransactions(bench.machine))).toHaveLength(listed);
    return false;
  }
  const outcome = value(answer);
  expect(outcome.failure).toBeNull();
  expect([...outcome.kept].sort()).toEqual([...expected.kept].sort());
  for (const [path, before] of expected.restored)
    expect(factsOf(path).exact, path).toBe(before.exact);
  model.record(repair, present, expected.restored, expected.kept);
  return true;
}

/** What a person does who is told of later repairs: those first, in the order they are named. */
const undoingInOrder = (which: number): Command => ({
  check: (model: Readonly<HistoryModel>): boolean =>
    model.pending === null && model.repairs.some((repair) => model.applied(repair)),
  toString: (): string => `undo #${String(which)} and what is later`,
  run: async (model: HistoryModel, bench: Workbench) => {
    const applied = model.repairs.filter((repair) => model.applied(repair));
    const repair = applied[which % applied.length];
    if (repair === undefined) return;
    const { later, possible } = value(await previewUndo(bench.machine, repair.id));
    expect(later.map(({ id }) => id)).toEqual(model.later(repair).map(({ id }) => id));
    expect(possible).toBe(later.length === 0);
    for (const { id } of later) {
      const other = model.repairs.find((each) => each.id === id);
      if (other !== undefined && !(await revert(model, bench, other, 'undo', 'stop'))) return;
    }
    await revert(model, bench, repair, 'undo', 'restore');
    expect(model.applied(repair)).toBe(false);
  },
});

const somebody = (
  name: string,
  how: 'append' | 'delete' | 'touch' | 'link' | 'directory' | 'original',
): Command => ({
  check: (): boolean => true,
  toString: (): string => `somebody: ${how} ${name}`,
  run: (_model: HistoryModel, bench: Workbench) => {
    const path = bench.at(name);
    const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
    if (!existsSync(join(path, '..'))) return Promise.resolve();
    if (how === 'append' && isFile) appendFileSync(path, '// later\n');
    if (how === 'touch' && isFile) utimesSync(path, 1, 1.5);
    if (['append', 'touch'].includes(how)) return Promise.resolve();
    rmSync(path, { recursive: true, force: true });
    if (how === 'link') symlinkSync('nowhere', path);
    if (how === 'directory') mkdirSync(join(path, 'inside'), { recursive: true });
    if (how === 'original') writeFileSync(path, ORIGINAL);
    return Promise.resolve();
  },
});

/** What a kill right before the last line leaves: everything done, nothing decided. */
const crashing = (): Command => ({
  check: ({ committedLast }): boolean => committedLast,
  toString: (): string => 'crash before the commit',
  run: async (model: HistoryModel, bench: Workbench) => {
    const [newest] = value(await listTransactions(bench.machine));
    const { state, cache } = bench.machine.directories;
    const path = join(state, 'journal', newest?.id ?? '', 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.pop()).toContain('"type":"commit"');
    writeFileSync(path, `${lines.join('\n')}\n`);
    // The list was only made because the test looked: a Devmend that was killed had no time to.
    rmSync(cache, { recursive: true, force: true });
    model.crash();
  },
});

const recovering = (): Command => ({
  check: (): boolean => true,
  toString: (): string => 'recover',
  run: async (model: HistoryModel, bench: Workbench) => {
    const expected = model.expectRecovery();
    const whole = home(bench);
    const outcomes = value(await recover(bench.machine, job()));
    expect(outcomes.map(({ status }) => status)).toEqual(
      model.pending === null ? [] : ['rolled-back'],
    );
    if (model.pending === null) expect(home(bench)).toBe(whole);
    const kept: string[] = [];
    for (const [path, before] of expected) {
      if (before === null) kept.push(path);
      else expect(factsOf(path).exact, path).toBe(before.exact);
    }
    expect([...(outcomes[0]?.kept ?? [])].sort()).toEqual(kept.sort());
    expect(value(await recover(bench.machine, job()))).toEqual([]);
    model.recovered();
  },
});

const mode = fc.constantFrom<OnConflict>('stop', 'stop', 'keep', 'restore');
const how = fc.constantFrom('append', 'append', 'delete', 'touch', 'link', 'directory', 'original');

const applies = fc
  .tuple(fc.constantFrom(...Object.keys(repairs)), fc.stringMatching(/^[a-z]{1,4}$/))
  .map(([name, text]) => applying(name, text));
const reverts = fc
  .tuple(fc.constantFrom('undo', 'undo', 'redo'), fc.nat(9), mode)
  .map(([operation, which, asked]) => reverting(operation, which, asked));
const edits = fc.tuple(fc.constantFrom(...files), how).map(([name, made]) => somebody(name, made));

/** What can happen to a history, in any order; one that is empty teaches nothing. */
export const history: fc.Arbitrary<readonly Command[]> = fc
  .tuple(
    fc.array(applies, { minLength: 2, maxLength: 4 }),
    fc.array(
      fc.oneof(
        { arbitrary: applies, weight: 5 },
        { arbitrary: reverts, weight: 8 },
        { arbitrary: fc.nat(9).map(undoingInOrder), weight: 2 },
        { arbitrary: edits, weight: 3 },
        { arbitrary: fc.constant(crashing()), weight: 1 },
        { arbitrary: fc.constant(recovering()), weight: 3 },
      ),
      { minLength: 4, maxLength: 14, size: 'max' },
    ),
  )
  .map(([first, then]) => [...first, ...then]);

/** Seldom met by chance: an undo leaves one file to somebody, and redo and undo come after it. */
export const keptThenRedone: readonly Command[] = [
  applying('both', 'x'),
  somebody('one.json', 'append'),
  reverting('undo', 0, 'keep'),
  applying('one', 'y'),
  reverting('redo', 0, 'stop'),
  reverting('undo', 0, 'stop'),
  reverting('undo', 0, 'keep'),
];
