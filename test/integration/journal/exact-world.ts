import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { expect } from 'vitest';
import { applyPlan, reviewPlan } from '../../../electron/engine/journal/apply.ts';
import { listTransactions } from '../../../electron/engine/journal/history.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import type { ErrorCode } from '../../../shared/error.ts';
import type { Change } from '../../../shared/plan.ts';
import { unread, walk } from './walk.ts';
import {
  apply,
  code,
  job,
  passing,
  planOf,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

/** Where something is made or removed, the directory's time is that of the doing. */
const NEW = ['far', 'deep', 'deep/er', 'far/deep', 'far/deep/er'];

/** Everything in the home, as the system's own tools see it. */
export function look(bench: Workbench): readonly string[] {
  return walk(bench.machine.home, NEW);
}

/** A home, and in it `far`, which is another file system than the journal's. */
export async function inWorld(body: (bench: Workbench) => Promise<void>): Promise<void> {
  const bench = workbench();
  const far = bench.at('far');
  mkdirSync(far);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'none', far]);
  try {
    await body(bench);
  } finally {
    execFileSync('umount', [far]);
    bench.dispose();
  }
}

/** What could not come back as it was is not taken away, and nothing is left of the attempt. */
export async function refusedExactly(
  bench: Workbench,
  changes: Change[],
  why: ErrorCode,
): Promise<void> {
  const original = unread(look(bench));
  const plan = planOf(bench, changes);
  expect(code(await reviewPlan(plan, bench.machine))).toBe(why);
  expect(code(await applyPlan(bench.machine, plan, job(), passing))).toBe(why);
  expect(unread(look(bench))).toEqual(original);
  expect(value(await listTransactions(bench.machine))).toEqual([]);
}

/**
 * Applies; then undo is the identity and redo is apply again, twice. `seen` leaves out
 * what is allowed to differ, such as the access times of what a tool has to read.
 */
export async function thereAndBack(
  bench: Workbench,
  changes: Change[],
  seen: (lines: readonly string[]) => readonly string[] = (lines) => lines,
): Promise<void> {
  const original = seen(look(bench));
  const applied = await apply(bench, changes);
  expect(applied.failure).toBeNull();
  const changed = seen(look(bench));
  for (let round = 0; round < 2; round += 1) {
    const undone = value(await undo(bench.machine, applied.id, { onConflict: 'stop' }, job()));
    expect(undone.failure).toBeNull();
    expect(seen(look(bench))).toEqual(original);
    expect(value(await redo(bench.machine, applied.id, job())).failure).toBeNull();
    expect(seen(look(bench))).toEqual(changed);
  }
}
