import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import type { PathState } from '../../../electron/engine/journal/path-state.ts';
import { ensureStore } from '../../../electron/engine/journal/store.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import { bundledCli, type Ended } from '../cli/harness.ts';
import {
  deeds,
  Disks,
  moveAway,
  moveUnder,
  pictureOf,
  ship,
  targets,
  type DeedName,
  type Shipped,
  type Target,
  type TargetName,
} from './conflict-bench.ts';
import { apply, code, editJson, job, timeless, value, workbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const cli = bundledCli();
let bench: Workbench;
let disks: Disks;
let other: string;
beforeEach(() => {
  const made = workbench();
  const state = join(made.directory, 'state/devmend');
  const machine = { ...made.machine, directories: { ...made.machine.directories, state } };
  bench = { ...made, machine };
  disks = new Disks(bench.directory);
  other = bench.at('other.json');
  writeFileSync(other, '{"b": 1}\n');
});
afterEach(() => {
  disks.dispose();
  bench.dispose();
});

interface Conflicted extends Target {
  readonly id: string;
  readonly before: PathState;
  readonly present: PathState;
}

/** A repair of the target and of another file, and then what somebody did to the target. */
async function conflicted(name: TargetName, deed: DeedName): Promise<Conflicted> {
  const target = targets[name](bench);
  const upgrade = deed === 'changed by a package upgrade';
  const shipped = existsSync(target.file) ? target.file : bench.at('program/bin/main');
  const packages = upgrade ? ship(bench, shipped) : null;
  const before = await captureState(target.path);
  const repair = await apply(bench, [target.change, editJson(other, 'b', 1, 2)]);
  expect(repair.failure).toBe(null);
  deeds[deed](target.file, disks, packages as Shipped);
  const present = await captureState(target.path);
  expect(present).not.toEqual(before);
  return { ...target, id: repair.id, before, present };
}

/** A hash of the home and one of the store: nothing that has bytes, a name or a mode is outside. */
async function everything(): Promise<unknown> {
  return [await pictureOf(bench.at()), await pictureOf(bench.machine.directories.state)];
}

const cases = (Object.keys(targets) as TargetName[]).flatMap((name) =>
  (Object.keys(deeds) as DeedName[]).map((deed) => [name, deed] as const),
);

describe.each(cases)('A3.5 %s, then %s', (name, deed) => {
  it('stops with nothing written unless told otherwise; is kept, and the rest goes back', async () => {
    const { id, path, present } = await conflicted(name, deed);
    await ensureStore(bench.machine);
    const before = await everything();
    const preview = value(await previewUndo(bench.machine, id));
    const named = preview.items.map(({ target }) => target);
    expect([preview.conflicts, named]).toEqual([1, [other, path]]);
    expect(code(await undo(bench.machine, id, { onConflict: 'stop' }, job()))).toBe('conflict');
    expect(await everything()).toEqual(before);

    const outcome = value(await undo(bench.machine, id, { onConflict: 'keep' }, job()));
    expect([outcome.failure, outcome.kept]).toEqual([null, [path]]);
    expect(timeless(await captureState(path))).toEqual(timeless(present));
    expect(readFileSync(other, 'utf8')).toBe('{"b": 1}\n');
    expect(value(await redo(bench.machine, id, job())).failure).toBe(null);
    expect(timeless(await captureState(path))).toEqual(timeless(present));
    expect(readFileSync(other, 'utf8')).toBe('{"b": 2}\n');
  });

  it('is restored when that is chosen, saved first, and comes back exactly with redo', async () => {
    const { id, path, before, present } = await conflicted(name, deed);
    const there = await pictureOf(bench.at());
    for (const onConflict of ['restore', 'stop'] as const) {
      const outcome = value(await undo(bench.machine, id, { onConflict }, job()));
      expect([outcome.failure, outcome.kept]).toEqual([null, []]);
      expect(timeless(await captureState(path))).toEqual(timeless(before));
      expect(readFileSync(other, 'utf8')).toBe('{"b": 1}\n');
      if (onConflict === 'stop') return;
      expect(value(await redo(bench.machine, id, job())).failure).toBe(null);
      expect(timeless(await captureState(path))).toEqual(timeless(present));
      expect(await pictureOf(bench.at())).toEqual(there);
    }
  });
});

describe('what is no conflict', () => {
  it.each(
    (Object.keys(targets) as TargetName[]).flatMap((name) => [
      [name, 'and a link leads there', moveAway] as const,
      [name, 'which is mounted there', moveUnder] as const,
    ]),
  )('A3.1 %s: its directory lies on another file system now, %s', async (name, _how, move) => {
    const target = targets[name](bench);
    const before = await captureState(target.path);
    const { id } = await apply(bench, [target.change]);
    const after = await captureState(target.path);
    move(join(target.path, '..'), disks);
    for (let round = 0; round < 2; round += 1) {
      const undone = value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
      expect(undone.failure).toBe(null);
      expect(timeless(await captureState(target.path))).toEqual(timeless(before));
      expect(value(await redo(bench.machine, id, job())).failure).toBe(null);
      expect(timeless(await captureState(target.path))).toEqual(timeless(after));
    }
  });

  it('A3.1 copy-tree: a package upgrade of the program that was copied', async () => {
    const { change, path } = targets['copy-tree'](bench);
    const source = bench.at('program/bin/main');
    const packages = ship(bench, source);
    const { id } = await apply(bench, [change]);
    deeds['changed by a package upgrade'](source, disks, packages);
    expect(value(await undo(bench.machine, id, { onConflict: 'stop' }, job())).failure).toBe(null);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(source, 'utf8')).toContain('version 2');
  });
});

describe('devmend undo --on-conflict', () => {
  const run = (id: string, ...args: string[]): Promise<Ended> =>
    cli.run(['undo', id, '--yes', ...args], {
      home: bench.machine.home,
      environment: { XDG_STATE_HOME: join(bench.directory, 'state') },
    });
  const words = (text: string): string => text.replace(/\s+/gu, ' ');

  it.each(cases.filter(([name]) => name === 'edit-json'))(
    'A3.5 says what it found and what can be done: %s, %s',
    async (name, deed) => {
      const { id, path, present, before } = await conflicted(name, deed);
      await ensureStore(bench.machine);
      const untouched = await everything();
      const stopped = await run(id);
      expect(stopped.code).toBe(4);
      expect(words(stopped.stderr)).toContain(
        `Changed since the repair, so nothing was written: ${path}.`,
      );
      expect(words(stopped.stdout)).toMatch(
        /before the repair: a file, 13 B.* what Devmend left: a file, 13 B.* now: \S/u,
      );
      for (const choice of ['keep', 'restore', 'stop'])
        expect(stopped.stderr).toContain(`undo ${id} --on-conflict ${choice}`);
      expect(await everything()).toEqual(untouched);
      const restored = await run(id, '--on-conflict=restore');
      expect([restored.code, words(restored.stdout).includes('Taken back: ')]).toEqual([0, true]);
      expect(timeless(await captureState(path))).toEqual(timeless(before));
      expect(value(await redo(bench.machine, id, job())).failure).toBe(null);
      expect(timeless(await captureState(path))).toEqual(timeless(present));
    },
  );

  it('A3.5 keeps what was changed and names it', async () => {
    const { id, path, present } = await conflicted('patch-elf', 'changed');
    expect((await run(id, '--on-conflict=stop')).code).toBe(4);
    const kept = await run(id, '--on-conflict=keep');
    expect(kept.code).toBe(0);
    expect(words(kept.stdout)).toContain(`kept as it is now: ${path}`);
    expect(timeless(await captureState(path))).toEqual(timeless(present));
  });
});
