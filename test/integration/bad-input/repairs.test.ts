import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { benches, isRoot, sentence, treeDigest, type Bench } from './harness.ts';

const newBench = benches();
let bench: Bench;
let program = '';
beforeAll(() => {
  bench = newBench();
  program = bench.at('git');
  buildNewerProgram(program, 'git');
});

/** Applies the repair of a program; nothing of it may be left when it fails. */
async function failing(path: string, mounts?: string) {
  const own = [bench.at('home', '.local')];
  const before = treeDigest(bench.directory, own);
  const id = await bench.findingOf(path);
  const call = mounts === undefined ? {} : { mounts };
  const ending = await bench.run(['apply', id, '--program', path, '--yes'], call);
  expect(treeDigest(bench.directory, own)).toBe(before);
  expect(ending.stdout + ending.stderr).not.toMatch(/^ +at .+:\d+/mu);
  return ending;
}
afterEach(async () => {
  const { transactions } = JSON.parse((await bench.run(['history', '--json'])).stdout) as {
    transactions: { status: string }[];
  };
  expect(transactions.filter(({ status }) => status !== 'rolled-back')).toEqual([]);
  expect(() => readFileSync(bench.at('home/.local/share/devmend'))).toThrow(/ENOENT/u);
});

/** Hides patchelf behind a script, or behind nothing that can be run, for one call. */
function insteadOfPatchelf(script: string | null): string {
  const stand = bench.at('home', '.local', 'patchelf');
  mkdirSync(bench.at('home', '.local'), { recursive: true });
  writeFileSync(stand, script ?? '', { mode: 0o644 });
  chmodSync(stand, script === null ? 0o644 : 0o755);
  return `mount --bind ${stand} /usr/bin/patchelf`;
}

describe.skipIf(!isRoot)('patchelf (hidden by a mount, which needs root)', () => {
  it('that is not there is named before anything is begun', async () => {
    const ending = await failing(program, insteadOfPatchelf(null));
    expect(ending.code).toBe(3);
    expect(ending.stdout).not.toContain('Rolled back');
    expect(sentence(ending)).toMatch(/patchelf is needed for this and is not installed\. Install/u);
  });

  it.each([
    ['ends with a status', '#!/bin/sh\nexit 3\n', /patchelf failed: status 3\..*another version/u],
    ['crashes', '#!/bin/sh\nkill -SEGV $$\n', /patchelf failed: SIGSEGV\./u],
    ['writes nothing', '#!/bin/sh\nexit 0\n', /git is not what the repair meant it to be/u],
    [
      'empties the file',
      '#!/bin/sh\nfor last; do :; done; : > "$last"\n',
      /patchelf wrote a file that would crash: .* in .*git\. Everything was put back/u,
    ],
    [
      'says that the disk is full',
      '#!/bin/sh\necho "write: No space left on device"; exit 1\n',
      /There is not enough free space/u,
    ],
  ])('that %s is named, and everything goes back', async (_what, script, words) => {
    const ending = await failing(program, insteadOfPatchelf(script));
    expect(ending.code).toBe(3);
    expect(ending.stdout).toContain('Rolled back');
    expect(sentence(ending)).toMatch(words);
  });
});

describe('a trial run', () => {
  it('that crashes is told by its signal, and everything goes back', async () => {
    const path = bench.at('crashing');
    buildNewerProgram(path, 'crashing', { crashes: true });
    const ending = await failing(path);
    expect(ending.code).toBe(3);
    expect(sentence(ending)).toMatch(/trial run of .* failed: SIGSEGV\. .*put back.*; \w/u);
  });

  it('that hangs is ended, and everything goes back', async () => {
    const path = bench.at('hanging');
    buildNewerProgram(path, 'hanging', { hangs: true });
    const ending = await failing(path);
    expect(ending.code).toBe(3);
    expect(sentence(ending)).toMatch(/gave no answer within 20 seconds and was ended\. .*; \w/u);
  });
});

describe('a program that must not be edited', () => {
  const refusedRepair = async (path: string): Promise<string> => {
    const id = await bench.findingOf(path);
    const before = treeDigest(bench.directory);
    const told = await bench.refused(['apply', id, '--program', path, '--yes'], 3);
    expect(treeDigest(bench.directory)).toBe(before);
    return told;
  };

  it('because it is setuid, is left alone', async () => {
    const setuid = bench.at('setuid');
    buildNewerProgram(setuid, 'setuid');
    chmodSync(setuid, 0o4755);
    expect(await refusedRepair(setuid)).toContain('runs with extra rights');
  });

  it.skipIf(!isRoot)('because it has capabilities, is left alone', async () => {
    const capable = bench.at('capable');
    buildNewerProgram(capable, 'capable');
    execFileSync('setcap', ['cap_net_raw+ep', capable]);
    expect(await refusedRepair(capable)).toContain('runs with extra rights');
  });

  it('because data follows its program part, is left alone', async () => {
    const path = bench.at('payload');
    buildNewerProgram(path, 'payload');
    appendFileSync(path, 'PAYLOAD!'.repeat(1000));
    expect(await refusedRepair(path)).toContain('carries data behind its program part');
  });

  it('because it lies in another root, is left alone, with the reason', async () => {
    const root = bench.at('root');
    mkdirSync(`${root}/bin`, { recursive: true });
    buildNewerProgram(`${root}/bin/tool`, 'tool');
    const libraries = `${root}/lib/x86_64-linux-gnu`;
    mkdirSync(libraries, { recursive: true });
    mkdirSync(`${root}/lib64`);
    for (const [from, to] of [
      ['/lib/x86_64-linux-gnu/libc.so.6', `${libraries}/libc.so.6`],
      ['/lib64/ld-linux-x86-64.so.2', `${root}/lib64/ld-linux-x86-64.so.2`],
    ] as const)
      writeFileSync(to, readFileSync(from), { mode: 0o755 });
    const target = ['--root', root];
    const id = await bench.findingOf('/bin/tool', target);
    const before = treeDigest(root);
    const args = ['apply', id, '--program', '/bin/tool', ...target, '--yes'];
    expect(await bench.refused(args, 2)).toContain('/bin/tool belongs to another root');
    expect(treeDigest(root)).toBe(before);
  });
});
