import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { copyExactly } from '../../../electron/engine/journal/images.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import type { Change } from '../../../shared/plan.ts';
import { apply, code, copyTree, editJson, job, passing, planOf, value } from './workbench.ts';
import { cutBehind, workbench, type Workbench } from './workbench.ts';

/** Somebody who is not root. */
const USER = 12345;
const SECRET = 'root:x:0:0\n';
let bench: Workbench;
let victim: string;
beforeEach(() => {
  bench = workbench();
  victim = join(bench.directory, 'victim');
  writeFileSync(victim, SECRET, { mode: 0o644 });
});
afterEach(() => bench.dispose());

function settingsIn(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'settings.json');
  writeFileSync(path, '{ "a": 0 }\n');
  return path;
}

function expectVictimUntouched(): void {
  expect(readFileSync(victim, 'utf8')).toBe(SECRET);
  expect(statSync(victim)).toMatchObject({ uid: 0, mode: 0o100644 });
}

async function attempt(changes: Change[], own: Workbench = bench): Promise<string> {
  return code(await applyPlan(own.machine, planOf(own, changes), job(), passing));
}

describe('a link planted at the name of a temporary', () => {
  it('is replaced by a copy, not written through', async () => {
    const original = settingsIn(bench.at('original'));
    chownSync(original, USER, USER);
    const staged = bench.at('staged');
    symlinkSync(victim, staged);
    await copyExactly(original, staged);
    expectVictimUntouched();
    expect(lstatSync(staged)).toMatchObject({ uid: USER, mode: 0o100644 });
  });

  it('is passed by in a repair, and is still there afterwards', async () => {
    const path = settingsIn(bench.at('shared'));
    const still = { ...bench, machine: { ...bench.machine, clock: () => new Date(1.8e12) } };
    const id = new Date(1.8e12).toISOString().replaceAll('-', '').replaceAll(':', '');
    const planted = join(dirname(path), `.devmend-${id}-0`);
    symlinkSync(victim, planted);
    expect((await apply(still, [editJson(path, 'a', 0, 1)])).status).toBe('applied');
    expectVictimUntouched();
    expect(readFileSync(path, 'utf8')).toBe('{ "a": 1 }\n');
    expect(readdirSync(dirname(path)).sort()).toEqual([`.devmend-${id}-0`, 'settings.json']);
    expect(lstatSync(planted).isSymbolicLink()).toBe(true);
  });

  it('is passed by in recovery, which goes on with another name', async () => {
    const path = settingsIn(bench.at('shared'));
    const { id } = await apply(bench, [editJson(path, 'a', 0, 1)]);
    cutBehind(bench, id, 1);
    symlinkSync(victim, join(dirname(path), `.devmend-${id}-1`));
    expect(value(await recover(bench.machine, job()))).toMatchObject([{ status: 'rolled-back' }]);
    expectVictimUntouched();
    expect(readFileSync(path, 'utf8')).toBe('{ "a": 0 }\n');
  });
});

describe('root in a directory that others can change', () => {
  it.each([
    ['belongs to a user', (directory: string) => chownSync(directory, USER, USER)],
    ['can be written to by everybody', (directory: string) => chmodSync(directory, 0o777)],
    ['is like /tmp', (directory: string) => chmodSync(directory, 0o1777)],
    [
      'can be written to by a group',
      (directory: string) => {
        chownSync(directory, 0, USER);
        chmodSync(directory, 0o775);
      },
    ],
  ])('changes nothing where it %s', async (_, open) => {
    const path = settingsIn(bench.at('shared'));
    open(dirname(path));
    expect(await attempt([editJson(path, 'a', 0, 1)])).toBe('directory-unsafe');
    expect(readFileSync(path, 'utf8')).toBe('{ "a": 0 }\n');
    expect(readdirSync(dirname(path))).toEqual(['settings.json']);
  });

  it('changes nothing where a directory far above belongs to a user', async () => {
    const path = settingsIn(bench.at('shared', 'deep', 'deeper'));
    chownSync(bench.at('shared'), USER, USER);
    expect(await attempt([editJson(path, 'a', 0, 1)])).toBe('directory-unsafe');
    expect(await attempt([copyTree(dirname(path), bench.at('shared/deep/copy'))])).toBe(
      'directory-unsafe',
    );
  });

  it('changes nothing behind a link that a user can lead elsewhere', async () => {
    const path = settingsIn(bench.at('real'));
    mkdirSync(bench.at('users'));
    symlinkSync(dirname(path), bench.at('users', 'link'));
    chownSync(bench.at('users'), USER, USER);
    const through = bench.at('users', 'link', 'settings.json');
    expect(await attempt([editJson(through, 'a', 0, 1)])).toBe('directory-unsafe');
  });

  it("goes on where the file alone is a user's, and root decides about its directory", async () => {
    const path = settingsIn(bench.at('of-root'));
    chownSync(path, USER, USER);
    const { id } = await apply(bench, [editJson(path, 'a', 0, 1)]);
    expect(statSync(path)).toMatchObject({ uid: USER, gid: USER });
    expect(value(await undo(bench.machine, id, { onConflict: 'stop' }, job())).kept).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('{ "a": 0 }\n');
  });

  it('brings nothing back there either, and says why', async () => {
    const path = settingsIn(bench.at('shared'));
    const { id } = await apply(bench, [editJson(path, 'a', 0, 1)]);
    cutBehind(bench, id, 1);
    chownSync(dirname(path), USER, USER);
    symlinkSync(victim, join(dirname(path), `.devmend-${id}-1`));
    const outcomes = value(await recover(bench.machine, job()));
    expect(JSON.stringify(outcomes)).toContain('directory-unsafe');
    expectVictimUntouched();
    chownSync(dirname(path), 0, 0);
    await recover(bench.machine, job());
    expectVictimUntouched();
  });
});

describe('root and a store that a user has laid out', () => {
  function etc(): string {
    const path = join(bench.directory, 'etc');
    mkdirSync(path, { mode: 0o755 });
    return path;
  }

  function expectEtcUntouched(path: string, names: readonly string[] = []): void {
    expect(statSync(path).mode & 0o7777).toBe(0o755);
    expect(readdirSync(path)).toEqual(names);
  }

  it.each(['state', 'journal'])('follows no link in place of %s', async (which) => {
    const target = etc();
    const { state } = bench.machine.directories;
    const link = which === 'state' ? state : join(state, 'journal');
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
    chownSync(bench.machine.home, USER, USER);
    lchownSync(link, USER, USER);
    expect(['not-permitted', 'directory-unsafe']).toContain(
      code(await recover(bench.machine, job())),
    );
    expectEtcUntouched(target);
  });

  it.each(['state', 'journal'])('does not even follow a link of its own as %s', async (which) => {
    const target = etc();
    const { state } = bench.machine.directories;
    const link = which === 'state' ? state : join(state, 'journal');
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
    expect(code(await recover(bench.machine, job()))).toBe('not-permitted');
    expectEtcUntouched(target);
  });

  it('writes nothing below a directory of a user, though all of the store is its own', async () => {
    const { state } = bench.machine.directories;
    mkdirSync(join(state, 'journal'), { recursive: true, mode: 0o700 });
    chownSync(bench.machine.home, USER, USER);
    expect(code(await recover(bench.machine, job()))).toBe('directory-unsafe');
    rmSync(state, { recursive: true });
    expect(code(await recover(bench.machine, job()))).toBe('directory-unsafe');
    expect(existsSync(state)).toBe(false);
  });
});
