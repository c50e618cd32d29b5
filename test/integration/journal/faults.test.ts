import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import { recover, recoveryStatus } from '../../../electron/engine/journal/recover.ts';
import { applyRetention } from '../../../electron/engine/journal/retention.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import type { Change } from '../../../shared/plan.ts';
import {
  apply,
  copyTree,
  editJson,
  job,
  passing,
  planOf,
  removeTree,
  timeless,
  value,
  workbench,
} from './workbench.ts';
import type { Workbench } from './workbench.ts';

/** Faults of a real file system: 8 MB of ext4 on a loop device, which root can mount. */
let directory: string;
let bench: Workbench;
let settings: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'devmend-faults-'));
  const mount = join(directory, 'mount');
  mkdirSync(mount);
  execFileSync('truncate', ['-s', '8M', join(directory, 'disk')]);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', join(directory, 'disk')]);
  execFileSync('mount', ['-o', 'loop', join(directory, 'disk'), mount]);
  mkdirSync(join(mount, 'home'));
  bench = workbench({ directory: mount });
  settings = bench.at('settings.json');
  writeFileSync(settings, '{"a": 1}');
  mkdirSync(bench.at('program'));
  writeFileSync(bench.at('program/main'), 'x'.repeat(100_000));
});
afterEach(() => {
  execFileSync('umount', [bench.directory]);
  rmSync(directory, { recursive: true });
});

const edit = (): Change => editJson(settings, 'a', 1, 2);
const copy = (): Change => copyTree(bench.at('program'), bench.at('copy'));

/** How applying ends: the code of the failure, with everything as it was before. */
async function failureOf(changes: Change[]): Promise<string | undefined> {
  const before = timeless(await captureState(settings));
  const result = await applyPlan(bench.machine, planOf(bench, changes), job(), passing);
  expect(timeless(await captureState(settings))).toEqual(before);
  expect(existsSync(bench.at('copy'))).toBe(false);
  expect(readdirSync(bench.at()).filter((name) => name.startsWith('.devmend'))).toEqual([]);
  if (result.ok) expect(result.value.status).toBe('rolled-back');
  return result.ok ? result.value.failure?.code : result.error.code;
}

/** Fills the disk but for the given kilobytes. */
function fill(leaveKilobytes: number): void {
  const line = execFileSync('df', ['--output=avail', '-k', bench.directory], { encoding: 'utf8' });
  const free = Number(line.split('\n')[1]) - leaveKilobytes;
  execFileSync('dd', ['if=/dev/zero', `of=${bench.directory}/filler`, 'bs=1k', `count=${free}`], {
    stdio: 'ignore',
  });
}

describe('a full disk', () => {
  it('A3.10 is found before anything is written', async () => {
    fill(200);
    expect(await failureOf([edit()])).toBe('disk-full');
    expect(readdirSync(join(bench.machine.directories.state, 'journal'))).toEqual([]);
  });

  it('is found before anything is written where a change says how much it needs', async () => {
    expect(await failureOf([{ ...copy(), bytes: 50_000_000 }])).toBe('disk-full');
  });

  it('in the middle of a repair takes everything back, which needs room too', async () => {
    writeFileSync(bench.at('program/main'), 'x'.repeat(3_000_000));
    fill(2_500);
    expect(await failureOf([edit(), copy()])).toBe('disk-full');
    expect(value(await recoveryStatus(bench.machine)).interrupted).toEqual([]);
  });

  it('A3.10 does not keep old entries from being removed, and that gives room again', async () => {
    const program = bench.at('program');
    writeFileSync(join(program, 'main'), Buffer.alloc(2_000_000, 1));
    const { id } = await apply(bench, [removeTree(join(program, 'main'))]);
    await apply(bench, [editJson(settings, 'a', 1, 2)]);
    // To the last block: what is left is filled by ever smaller files.
    for (const size of [1 << 20, 1 << 16, 4096, 4096, 1024]) {
      try {
        for (let index = 0; index < 64; index += 1)
          writeFileSync(join(bench.directory, `filler-${size}-${index}`), Buffer.alloc(size, 7));
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      }
    }
    expect(() => writeFileSync(join(bench.directory, 'more'), Buffer.alloc(4096, 7))).toThrow(
      /ENOSPC/,
    );
    const limits = { repairs: 1, days: null, megabytes: null };
    const outcome = value(await applyRetention(bench.machine, limits, null));
    expect([outcome.removed, outcome.failures]).toEqual([[id], []]);
    expect(outcome.freedBytes).toBeGreaterThan(1_900_000);
    expect(existsSync(join(bench.machine.directories.state, 'lock'))).toBe(false);
    writeFileSync(join(bench.directory, 'room'), Buffer.alloc(1_000_000, 7));
  });

  /** The same home with the journal on another file system, which has room. */
  function withJournalElsewhere(): Workbench {
    const state = join(directory, 'state');
    const { machine } = bench;
    return { ...bench, machine: { ...machine, directories: { ...machine.directories, state } } };
  }

  it('A3.10 is found before a tree comes back from another file system', async () => {
    const apart = withJournalElsewhere();
    const program = bench.at('program');
    writeFileSync(join(program, 'main'), 'x'.repeat(3_000_000));
    const { id } = await apply(apart, [removeTree(program)]);
    fill(2_500);
    const undone = await undo(apart.machine, id, { onConflict: 'stop' }, job());
    expect(undone).toMatchObject({ ok: false, error: { code: 'disk-full' } });
    expect(readdirSync(join(directory, 'state/journal'))).toEqual([id]);
    rmSync(join(bench.directory, 'filler'));
    value(await undo(apart.machine, id, { onConflict: 'stop' }, job()));
    expect(lstatSync(join(program, 'main')).size).toBe(3_000_000);
  });

  it('A3.10 is found before a tree of another file system is copied into the journal', async () => {
    const tree = join(directory, 'tree');
    mkdirSync(tree);
    writeFileSync(join(tree, 'main'), 'x'.repeat(3_000_000));
    fill(2_500);
    expect(
      await applyPlan(bench.machine, planOf(bench, [removeTree(tree)]), job(), passing),
    ).toMatchObject({
      ok: false,
      // Not the copy itself, which would have been begun.
      error: {
        code: 'disk-full',
        params: { path: join(bench.machine.directories.state, 'journal') },
      },
    });
    expect(existsSync(join(tree, 'main'))).toBe(true);
  });

  it('is none for a tree, or a file, that is large only by its holes', async () => {
    const tree = join(directory, 'tree');
    mkdirSync(tree);
    execFileSync('truncate', ['-s', '20M', join(tree, 'image'), join(directory, 'file')]);
    for (const path of [tree, join(directory, 'file')]) {
      const { id, failure } = await apply(bench, [removeTree(path)]);
      expect(failure).toBeNull();
      value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
    }
    expect(lstatSync(join(tree, 'image')).size).toBe(20 << 20);
    expect(lstatSync(join(tree, 'image')).blocks).toBe(0);
  });

  it('without inodes is a full disk too', async () => {
    mkdirSync(bench.at('many'));
    try {
      for (let index = 0; index < 100_000; index += 1)
        writeFileSync(bench.at('many', `${index}`), '');
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    }
    expect(await failureOf([edit()])).toBe('disk-full');
  });
});

describe('protection against changes', () => {
  it.each(['+i', '+a'])('chattr %s is respected and named', async (flag) => {
    execFileSync('chattr', [flag, settings]);
    try {
      expect(await failureOf([copy(), edit()])).toBe('target-immutable');
    } finally {
      execFileSync('chattr', ['-i', '-a', settings]);
    }
  });

  it('an immutable directory is respected and named', async () => {
    mkdirSync(bench.at('locked'));
    execFileSync('chattr', ['+i', bench.at('locked')]);
    try {
      const change = copyTree(bench.at('program'), bench.at('locked/copy'));
      expect(await failureOf([edit(), change])).toBe('target-immutable');
    } finally {
      execFileSync('chattr', ['-i', bench.at('locked')]);
    }
  });

  it('a file system that became read-only is named, and the journal waits for recovery', async () => {
    const { id } = value(await applyPlan(bench.machine, planOf(bench, [edit()]), job(), passing));
    execFileSync('mount', ['-o', 'remount,ro', bench.directory]);
    const refused = await undo(bench.machine, id, { onConflict: 'stop' }, job());
    expect(refused).toMatchObject({ ok: false, error: { code: 'read-only-file-system' } });
    execFileSync('mount', ['-o', 'remount,rw', bench.directory]);
    expect(value(await recover(bench.machine, job()))).toEqual([]);
    value(await undo(bench.machine, id, { onConflict: 'stop' }, job()));
    expect(readFileSync(settings, 'utf8')).toBe('{"a": 1}');
  });
});

describe('A3.13 a settings file reached through a link', () => {
  it('is edited where it lies, and the link stays', async () => {
    const link = bench.at('link.json');
    symlinkSync('settings.json', link);
    const change = { ...editJson(settings, 'a', 1, 2), link };
    const plan = planOf(bench, [change]);
    const outcome = value(await applyPlan(bench.machine, plan, job(), passing));
    expect(outcome.failure).toBeNull();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(link, 'utf8')).toBe('{"a": 2}');
  });

  it('is refused when the link leads elsewhere by now', async () => {
    const link = bench.at('link.json');
    symlinkSync('program/main', link);
    expect(await failureOf([{ ...editJson(settings, 'a', 1, 2), link }])).toBe('target-changed');
  });
});
