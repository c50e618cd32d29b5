import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPlan, reviewPlan } from '../../../electron/engine/journal/apply.ts';
import { listTransactions } from '../../../electron/engine/journal/history.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import type { ErrorCode } from '../../../shared/error.ts';
import type { Change } from '../../../shared/plan.ts';
import { makeTree, treeEntries } from './random-tree.ts';
import { unread, walk } from './walk.ts';
import {
  apply,
  code,
  copyTree,
  editJson,
  job,
  passing,
  planOf,
  removeTree,
  value,
  workbench,
  writeFile,
  type Workbench,
} from './workbench.ts';

/** More of everything: DEVMEND_EXACT_RUNS=200 npx vitest run <this file>. */
const runs = Number(process.env['DEVMEND_EXACT_RUNS'] ?? 4);
const seed = Number(process.env['DEVMEND_EXACT_SEED'] ?? Date.now() % 1_000_000_000);
const settingsOf = {
  numRuns: runs,
  seed,
  endOnFailure: process.env['DEVMEND_EXACT_SHRINK'] === undefined,
};
/** Where something is made or removed, the directory's time is that of the doing. */
const NEW = ['far', 'deep', 'deep/er', 'far/deep', 'far/deep/er'];
const look = (bench: Workbench): readonly string[] => walk(bench.machine.home, NEW);
const stop = { onConflict: 'stop' } as const;

/** A home, and in it `far`, which is another file system than the journal's. */
async function inWorld(body: (bench: Workbench) => Promise<void>): Promise<void> {
  const bench = workbench();
  const far = bench.at('far');
  mkdirSync(far);
  execFileSync('mount', ['-t', 'tmpfs', 'none', far]);
  try {
    await body(bench);
  } finally {
    execFileSync('umount', [far]);
    bench.dispose();
  }
}

const settingsFile = fc.record({
  mode: fc.constantFrom(0o644, 0o600, 0o664, 0o755, 0o6755, 0o444),
  owner: fc.constantFrom(0, 1000, 65534),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  extra: fc.subarray(['attribute', 'acl', 'capability', 'link'] as const),
  head: fc.constantFrom('', '\uFEFF', '// c\r\n', '/* \t */\n\n'),
  value: fc.json({ maxDepth: 2 }),
  tail: fc.constantFrom('', '\n', '\r\n', ' // \xff'),
});
type SettingsFile = typeof settingsFile extends fc.Arbitrary<infer T> ? T : never;

function makeSettings(path: string, made: SettingsFile): void {
  const body = Buffer.from(`${made.head}{"a":1,\n\t"b": ${made.value},}`);
  writeFileSync(path, Buffer.concat([body, Buffer.from(made.tail, 'latin1')]));
  chownSync(path, made.owner, made.owner);
  chmodSync(path, made.mode);
  const { extra } = made;
  if (extra.includes('attribute')) execFileSync('setfattr', ['-n', 'user.y', '-v', '1', path]);
  if (extra.includes('acl')) execFileSync('setfacl', ['-m', 'u:daemon:r', path]);
  if (extra.includes('capability')) execFileSync('setcap', ['cap_net_raw+ep', path]);
  if (extra.includes('link')) linkSync(path, `${path}.other name`);
  execFileSync('touch', ['-d', `@1600000000.${String(made.nanoseconds).padStart(9, '0')}`, path]);
}

/** What could not come back as it was is not taken away, and nothing is left of the attempt. */
async function refusedExactly(
  bench: Workbench,
  changes: Change[],
  original: readonly string[],
  why: ErrorCode = 'hard-linked',
): Promise<void> {
  const plan = planOf(bench, changes);
  expect(code(await reviewPlan(plan, bench.machine))).toBe(why);
  expect(code(await applyPlan(bench.machine, plan, job(), passing))).toBe(why);
  expect(look(bench)).toEqual(original);
  expect(value(await listTransactions(bench.machine))).toEqual([]);
}

describe('A3.1 seen with other eyes than Devmend’s', () => {
  it.each(['near', 'far'])(
    'apply, then undo, is the identity for %s trees of any kind; redo is apply again',
    async (place) => {
      await fc.assert(
        fc.asyncProperty(treeEntries, async (entries) =>
          inWorld(async (bench) => {
            const at = (name: string): string => bench.at(place === 'far' ? 'far' : '.', name);
            writeFileSync(at('outside'), 'outside');
            makeTree(at('tree'), at('outside'), entries);
            const original = look(bench);
            if (place === 'far' && lstatSync(at('outside')).nlink > 1) {
              await refusedExactly(bench, [removeTree(at('tree'))], original);
              return;
            }
            const removed = await apply(bench, [removeTree(at('tree'))]);
            expect(removed.failure).toBeNull();
            const without = look(bench);
            for (let round = 0; round < 2; round += 1) {
              expect(value(await undo(bench.machine, removed.id, stop, job())).failure).toBeNull();
              expect(look(bench)).toEqual(original);
              expect(value(await redo(bench.machine, removed.id, job())).failure).toBeNull();
              expect(look(bench)).toEqual(without);
            }
          }),
        ),
        settingsOf,
      );
    },
    120_000,
  );

  it('apply, then undo, is the identity for files that are edited, whatever they carry', async () => {
    await fc.assert(
      fc.asyncProperty(
        settingsFile,
        fc.constantFrom('near', 'far'),
        fc.constantFrom('edit', 'write'),
        fc.string({ unit: 'binary', maxLength: 50 }),
        async (made, place, kind, text) =>
          inWorld(async (bench) => {
            const path = bench.at(place === 'far' ? 'far' : '.', ' a b"\n.json');
            makeSettings(path, made);
            const changes: Change[] =
              kind === 'write'
                ? [writeFile(path, text)]
                : [editJson(path, 'a', 1, text), editJson(path, 'c', undefined, 3)];
            const original = look(bench);
            // Writing in place, as other hard links ask for, would lose the capabilities.
            if (made.extra.includes('capability') && made.extra.includes('link')) {
              await refusedExactly(bench, changes, original, 'rights-lost');
              return;
            }
            const applied = await apply(bench, changes);
            expect(applied.failure).toBeNull();
            const changed = look(bench);
            for (let round = 0; round < 2; round += 1) {
              expect(value(await undo(bench.machine, applied.id, stop, job())).failure).toBeNull();
              expect(look(bench)).toEqual(original);
              expect(value(await redo(bench.machine, applied.id, job())).failure).toBeNull();
              expect(look(bench)).toEqual(changed);
            }
          }),
      ),
      { ...settingsOf, numRuns: runs * 2 },
    );
  }, 120_000);

  it('a copy leaves its source as it is; its undo leaves no directory behind', async () => {
    await fc.assert(
      fc.asyncProperty(treeEntries, fc.boolean(), async (entries, across) =>
        inWorld(async (bench) => {
          const [tree, copy] = [bench.at('tree'), bench.at(across ? 'far' : '.', 'deep/er/copy')];
          writeFileSync(bench.at('outside'), 'outside');
          makeTree(tree, bench.at('outside'), entries);
          const original = unread(look(bench));
          const copied = await apply(bench, [copyTree(tree, copy)]);
          expect(copied.failure).toBeNull();
          const both = unread(look(bench));
          for (let round = 0; round < 2; round += 1) {
            expect(value(await undo(bench.machine, copied.id, stop, job())).failure).toBeNull();
            expect(unread(look(bench))).toEqual(original);
            expect(value(await redo(bench.machine, copied.id, job())).failure).toBeNull();
            expect(unread(look(bench))).toEqual(both);
          }
        }),
      ),
      settingsOf,
    );
  }, 120_000);

  it('a single file with another hard link is not taken away: it would come back alone', async () =>
    inWorld(async (bench) => {
      writeFileSync(bench.at('one'), 'x');
      linkSync(bench.at('one'), bench.at('two'));
      await refusedExactly(bench, [removeTree(bench.at('one'))], look(bench));
    }));
});
