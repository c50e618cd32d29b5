import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandRunner } from '../../../electron/engine/command.ts';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import {
  isOwnedByRpm,
  requirePackagesAtRest,
} from '../../../electron/engine/journal/package-files.ts';
import { packageManagerAtWork } from '../../../electron/engine/journal/package-locks.ts';
import { ensureStore } from '../../../electron/engine/journal/store.ts';
import type { DevmendError, ErrorData, Result } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import type { Change } from '../../../shared/plan.ts';
import { makeTools, STARTER } from '../../crash/cutter.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import { holdLock, privatePackages, type PrivatePackages } from './private-packages.ts';
import { editJson, planOf, workbench, type Workbench } from './workbench.ts';

let bench: Workbench;
let held: { readonly pid: number; readonly release: () => Promise<void> }[] = [];
beforeEach(() => (bench = workbench()));
afterEach(async () => {
  for (const each of held) await each.release();
  held = [];
  bench.dispose();
});

async function hold(path: string, how?: 'shared' | 'exclusive'): Promise<number> {
  const holder = await holdLock(path, how);
  held.push(holder);
  return holder.pid;
}

/** One operation of the engine, where this database is what lies at /var/lib/dpkg. */
function operate(
  packages: PrivatePackages,
  name: 'apply' | 'undo' | 'redo',
  changes: Change[],
): Result<TransactionOutcome> {
  const [setting, answer] = [join(bench.directory, 'setting'), join(bench.directory, 'answer')];
  const { home, directories } = bench.machine;
  const plan = planOf(bench, changes);
  writeFileSync(setting, JSON.stringify({ home, state: directories.state, plan }));
  const script = 'mount --bind "$1" /var/lib/dpkg && shift && exec "$@"';
  const program = [process.execPath, join(bench.directory, STARTER), name, setting, answer];
  execFileSync('unshare', ['--mount', 'sh', '-c', script, 'sh', packages.database, ...program]);
  return JSON.parse(readFileSync(answer, 'utf8')) as Result<TransactionOutcome>;
}

describe('a file that a package owns', () => {
  let packages: PrivatePackages;
  let program: string;
  let change: Change;
  beforeEach(async () => {
    await makeTools(bench.directory);
    packages = privatePackages(bench.directory);
    const built = join(bench.directory, 'built');
    compile(bench, built);
    program = join(bench.directory, 'opt/tool/main');
    packages.install('1.0', built, program);
    await ensureStore(bench.machine);
    change = patchElf(program, patchFor(program, privateLibrary(bench)));
  });

  /** Contents, names, modes and owners of the program's directory, the home and the store. */
  async function everything(): Promise<unknown> {
    const trees = [await captureState(dirname(program)), await captureState(bench.at())];
    return trees.map((tree) => tree.type === 'tree' && tree.digest);
  }

  it('A3.12 is not patched, put back or patched again while a package manager is at work', async () => {
    const lock = join(packages.database, 'lock-frontend');
    const states: unknown[] = [];
    for (const operation of ['apply', 'undo', 'redo'] as const) {
      const before = await everything();
      const pid = await hold(lock);
      const refused = operate(packages, operation, [change]);
      const expected = { path: program, program: `python3 (${pid})` };
      expect(refused).toMatchObject({
        ok: false,
        error: { code: 'package-manager-busy', params: expected },
      });
      expect(await everything()).toEqual(before);
      await held.pop()?.release();
      const done = operate(packages, operation, [change]);
      expect(done.ok && done.value.failure).toBe(null);
      states.push(await captureState(program));
    }
    expect(states[0]).not.toEqual(states[1]);
    expect(states[2]).toMatchObject({ sha256: (states[0] as { sha256: string }).sha256 });
  });

  it('A3.12 hinders nobody else: a settings file is edited beside a package manager', async () => {
    const settings = bench.at('settings.json');
    writeFileSync(settings, '{"a": 1}');
    await hold(join(packages.database, 'lock-frontend'));
    const done = operate(packages, 'apply', [editJson(settings, 'a', 1, 2)]);
    expect(done.ok && done.value.failure).toBe(null);
  });
});

describe('who is at work', () => {
  const at = (path: string): string => join(bench.directory, 'root', path);
  const lay = (path: string, text = ''): string => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
    return at(path);
  };
  const atWork = () => packageManagerAtWork(at(''));

  it.each([
    ['dpkg', 'var/lib/dpkg/lock-frontend'],
    ['dpkg', 'var/lib/dpkg/lock'],
    ['rpm', 'var/lib/rpm/.rpm.lock'],
    ['rpm', 'usr/lib/sysimage/rpm/.rpm.lock'],
  ])('A3.12 is found by the lock of %s at %s', async (manager, path) => {
    expect(await atWork()).toBe(null);
    const lock = lay(path);
    expect(await atWork()).toBe(null);
    const pid = await hold(lock);
    expect(await atWork()).toEqual({ manager, program: `python3 (${pid})` });
  });

  it('is nobody who only reads', async () => {
    await hold(lay('var/lib/rpm/.rpm.lock'), 'shared');
    expect(await atWork()).toBe(null);
  });

  it('is nobody who holds another file', async () => {
    lay('var/lib/dpkg/lock');
    await hold(lay('var/lib/apt/lists/lock'));
    expect(await atWork()).toBe(null);
  });

  it('is found where the disk answers other numbers than the kernel keeps (overlayfs)', async () => {
    const [lower, upper] = [join(bench.directory, 'lower'), join(bench.directory, 'upper')];
    mkdirSync(join(lower, 'var/lib/dpkg'), { recursive: true });
    writeFileSync(join(lower, 'var/lib/dpkg/lock'), '');
    for (const path of [upper, at('')]) mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', upper]);
    try {
      for (const name of ['u', 'w']) mkdirSync(join(upper, name));
      const layers = `lowerdir=${lower},upperdir=${upper}/u,workdir=${upper}/w`;
      execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, at('')]);
      try {
        const pid = await hold(at('var/lib/dpkg/lock'));
        expect(await atWork()).toEqual({ manager: 'dpkg', program: `python3 (${pid})` });
        await held.pop()?.release();
        expect(await atWork()).toBe(null);
      } finally {
        for (const each of held.splice(0)) await each.release();
        execFileSync('umount', [at('')]);
      }
    } finally {
      execFileSync('umount', [upper]);
    }
  });

  const asked = async (path: string): Promise<ErrorData | null> => {
    const machine = { ...bench.machine, root: at('') };
    return requirePackagesAtRest(machine, [path], new AbortController().signal).then(
      () => null,
      (error: DevmendError) => error.data,
    );
  };

  it('stands in the way of files that dpkg lists: by older names, diverted, and from inside', async () => {
    lay('usr/lib/tool/main');
    lay('opt/free/main');
    symlinkSync('usr/lib', at('lib'));
    lay('var/lib/dpkg/info/tool.list', '/.\n/lib/tool/main\n/opt/app/bin/app\n/usr/bin/moved\n');
    lay('var/lib/dpkg/diversions', '/usr/bin/moved\n/usr/bin/moved.real\n:\n');
    await hold(lay('var/lib/dpkg/lock-frontend'));
    for (const path of ['/usr/lib/tool/main', '/lib/tool/main', '/opt/app', '/usr/bin/moved.real'])
      expect((await asked(path))?.params['path']).toBe(path);
    for (const path of ['/opt/free/main', '/opt/ap', '/usr/lib/tool/mai', '/home/user/x'])
      expect(await asked(path)).toBe(null);
  });

  it('stands in the way of another root whose rpm nobody here can ask', async () => {
    await hold(lay('var/lib/rpm/.rpm.lock'));
    expect((await asked('/usr/bin/x'))?.code).toBe('package-manager-busy');
  });

  it.each([
    ['bash-5.2.26-3.fc40.x86_64', true],
    ['file /opt/x is not owned by any package', false],
    ['error: file /opt/x: No such file or directory', false],
    ['error: cannot open Packages database in /var/lib/rpm', true],
  ])('takes what rpm answers: %s', async (output, owned) => {
    const run: CommandRunner = async () =>
      Promise.resolve({ exitCode: 0, signal: null, timedOut: false, cancelled: false, output });
    const machine = { ...bench.machine, run };
    expect(await isOwnedByRpm(machine, '/opt/x', new AbortController().signal)).toBe(owned);
  });
});
