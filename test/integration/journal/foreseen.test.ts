import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyPlan, reviewPlan } from '../../../electron/engine/journal/apply.ts';
import { listTransactions } from '../../../electron/engine/journal/history.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import type { ErrorCode } from '../../../shared/error.ts';
import type { Change } from '../../../shared/plan.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
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

let bench: Workbench;
let settings: string;
let far: string;
beforeEach(() => {
  bench = workbench();
  settings = bench.at('settings.json');
  writeFileSync(settings, '{"a": 1}');
  far = bench.at('far');
  for (const name of ['far', 'tree', 'place']) mkdirSync(bench.at(name));
  writeFileSync(bench.at('tree/file'), 'x');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'none', far]);
});
afterEach(() => {
  // It has no word for links and pipes, and says so by its status.
  spawnSync('chattr', ['-R', '-f', '-i', '-a', bench.at()], { stdio: 'ignore' });
  execFileSync('umount', [far]);
  bench.dispose();
});

const look = (): readonly string[] => unread(walk(bench.machine.home));
const stop = { onConflict: 'stop' } as const;
const edit = (): Change => editJson(settings, 'a', 1, 2);
const write = (): Change => writeFile(settings, '{}');
const hash = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');
const run = (tool: string, ...args: string[]): void => void execFileSync(tool, args);

/** Said in the preview already, said again by apply, and nothing is written by either. */
async function refused(change: Change): Promise<string> {
  const before = look();
  const plan = planOf(bench, [change]);
  const said = code(await reviewPlan(plan, bench.machine));
  expect(code(await applyPlan(bench.machine, plan, job(), passing))).toBe(said);
  expect(look()).toEqual(before);
  expect(value(await listTransactions(bench.machine))).toEqual([]);
  return said;
}

function capable(path: string): void {
  run('setcap', 'cap_net_raw+ep', path);
}

/** A directory below `top` with a file in it, whose whole path has this many bytes. */
function deep(top: string, bytes: number): void {
  let path = top;
  while (bytes - path.length > 250) {
    path = join(path, 'd'.repeat(200));
    mkdirSync(path);
  }
  writeFileSync(join(path, 'f'.repeat(bytes - path.length - 1)), 'deep');
}

type Case = readonly [what: string, code: ErrorCode, make: () => Change];
const cases: readonly Case[] = [
  [
    'an edit of a file with two names and capabilities',
    'rights-lost',
    () => {
      linkSync(settings, bench.at('other'));
      capable(settings);
      return edit();
    },
  ],
  [
    'a new content for a file with two names and capabilities',
    'rights-lost',
    () => {
      linkSync(settings, bench.at('other'));
      capable(settings);
      return write();
    },
  ],
  [
    'taking a file with another name away',
    'hard-linked',
    () => {
      linkSync(bench.at('tree/file'), bench.at('other'));
      return removeTree(bench.at('tree/file'));
    },
  ],
  [
    'taking a tree away that lies elsewhere, with a link that leads out',
    'hard-linked',
    () => {
      mkdirSync(join(far, 'tree'));
      writeFileSync(join(far, 'tree/file'), 'x');
      linkSync(join(far, 'tree/file'), join(far, 'other'));
      return removeTree(join(far, 'tree'));
    },
  ],
  ...['i', 'a'].flatMap((flag): Case[] => [
    [`an edit of a file with +${flag}`, 'target-immutable', () => protect(flag, settings, edit)],
    [
      `a new content for one with +${flag}`,
      'target-immutable',
      () => protect(flag, settings, write),
    ],
    [
      `an edit in a directory with +${flag}`,
      'target-immutable',
      () => protect(flag, bench.at(), edit),
    ],
    [
      `a copy into a directory with +${flag}`,
      'target-immutable',
      () => protect(flag, bench.at('place'), () => copyTree(settings, bench.at('place/new/copy'))),
    ],
    [
      `a copy through a link to a directory with +${flag}`,
      'target-immutable',
      () => {
        symlinkSync('place', bench.at('link'));
        return protect(flag, bench.at('place'), () => copyTree(settings, bench.at('link/copy')));
      },
    ],
    [
      `taking a tree away that holds a file with +${flag}`,
      'target-immutable',
      () => protect(flag, bench.at('tree/file'), () => removeTree(bench.at('tree'))),
    ],
    [
      `taking a directory with +${flag} away`,
      'target-immutable',
      () => protect(flag, bench.at('tree'), () => removeTree(bench.at('tree'))),
    ],
  ]),
  ['a pipe', 'target-changed', () => special('mkfifo', bench.at('x'))],
  ['a device', 'target-changed', () => special('mknod', bench.at('x'), 'c', '1', '3')],
  [
    'taking a tree away whose saved copy would have too long a path',
    'path-too-long',
    () => {
      deep(bench.at('tree'), 4095);
      return removeTree(bench.at('tree'));
    },
  ],
  [
    'a copy to a place from where its deepest path is too long',
    'path-too-long',
    () => {
      deep(bench.at('tree'), 4000);
      return copyTree(bench.at('tree'), bench.at('place', 'p'.repeat(200)));
    },
  ],
  [
    'a copy under a name that no directory can hold',
    'path-too-long',
    () => copyTree(settings, bench.at('n'.repeat(256))),
  ],
];

function protect(flag: string, path: string, change: () => Change): Change {
  const made = change();
  run('chattr', `+${flag}`, path);
  return made;
}

function special(tool: string, path: string, ...args: string[]): Change {
  run(tool, path, ...args);
  return removeTree(path);
}

describe('A3.1 what could not be given back exactly is refused in the preview', () => {
  it.each(cases)('%s: %s', async (_what, expected, make) => {
    expect(await refused(make())).toBe(expected);
  });

  it('the protection of a program, and its rights, wherever it is to be patched', async () => {
    const library = privateLibrary(bench);
    const program = bench.at('place/main');
    compile(bench, program);
    const patch = patchFor(program, library);
    const inPlace = patchElf(program, patch);
    const copied = copyTree(bench.at('place'), bench.at('copy'));
    const copy = { ...copied, patches: [{ ...patch, path: 'main' }] };
    run('chattr', '+i', program);
    expect(await refused(inPlace)).toBe('target-immutable');
    run('chattr', '-i', program);
    chmodSync(program, 0o4755);
    expect([await refused(inPlace), await refused(copy)]).toEqual(
      Array(2).fill('program-privileged'),
    );
    chmodSync(program, 0o755);
    capable(program);
    expect([await refused(inPlace), await refused(copy)]).toEqual(
      Array(2).fill('program-privileged'),
    );
  });

  it('what only root could give back, to anybody else', async () => {
    const nobody = vi.spyOn(process, 'getuid').mockReturnValue(4242);
    try {
      expect(await reviewPlan(planOf(bench, [edit()]), bench.machine)).toMatchObject({
        error: { code: 'image-inexact', params: { detail: 'owner', path: settings } },
      });
      mkdirSync(bench.at('devices'));
      run('mknod', bench.at('devices/null'), 'c', '1', '3');
      const copy = copyTree(bench.at('devices'), bench.at('copy'));
      expect(code(await reviewPlan(planOf(bench, [copy]), bench.machine))).toBe('not-permitted');
      // A plan that says it needs root is looked at by the one who will hand it over.
      const forRoot = { ...edit(), privilege: 'root' as const };
      expect(value(await reviewPlan(planOf(bench, [forRoot]), bench.machine))).toHaveLength(1);
    } finally {
      nobody.mockRestore();
    }
  });

  it('and only that: the longest paths that can be kept come back', async () => {
    // The deepest name is as long as the image of this tree leaves room for.
    const image = join(
      bench.machine.directories.state,
      'journal',
      `.new-${'0'.repeat(25)}`,
      'images',
    );
    deep(bench.at('tree'), 4095 - image.length + bench.at('tree').length);
    const before = look();
    const { id, failure } = await apply(bench, [removeTree(bench.at('tree'))]);
    expect(failure).toBeNull();
    for (let round = 0; round < 2; round += 1) {
      expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
      expect(look()).toEqual(before);
      expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
    }
  });

  it('a file with other names is edited in a directory that takes no new ones', async () => {
    linkSync(settings, join(bench.at('place'), 'other'));
    const locked = mkdtempSync(bench.at('locked-'));
    linkSync(settings, join(locked, 'settings.json'));
    run('chattr', '+i', locked);
    const change = editJson(join(locked, 'settings.json'), 'a', 1, 2);
    expect((await apply(bench, [change])).failure).toBeNull();
    expect(hash(settings)).toBe(hash(join(locked, 'settings.json')));
  });

  it('an undo too is refused before it begins, where the file is protected now', async () => {
    const { id } = await apply(bench, [edit()]);
    run('chattr', '+i', settings);
    expect(code(await undo(bench.machine, id, stop, job()))).toBe('target-immutable');
    expect(value(await listTransactions(bench.machine))).toHaveLength(1);
    run('chattr', '-i', settings);
    expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
  });

  it('protection is read through no link', async () => {
    run('chattr', '+i', bench.at('tree/file'));
    symlinkSync('tree/file', bench.at('link'));
    const { failure } = await apply(bench, [removeTree(bench.at('link'))]);
    expect(failure).toBeNull();
    rmSync(bench.at('link'), { force: true });
  });
});
