import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Change } from '../../../shared/plan.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import { inWorld, refusedExactly, thereAndBack } from './exact-world.ts';
import { makeTree, treeEntries } from './random-tree.ts';
import { LONG, runsOf } from './runs.ts';
import { unread } from './walk.ts';
import { copyTree, editJson, removeTree, writeFile, type Workbench } from './workbench.ts';

const settingsFile = fc.record({
  mode: fc.constantFrom<number>(0o644, 0o600, 0o664, 0o755, 0o6755, 0o444),
  owner: fc.constantFrom<number>(0, 1000, 65534),
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
  carry(path, made);
}

/** Everything that a file has beside its content. */
function carry(
  path: string,
  made: Pick<SettingsFile, 'mode' | 'owner' | 'nanoseconds' | 'extra'>,
): void {
  chownSync(path, made.owner, made.owner);
  chmodSync(path, made.mode);
  const { extra } = made;
  if (extra.includes('attribute')) execFileSync('setfattr', ['-n', 'user.y', '-v', '1', path]);
  if (extra.includes('acl')) execFileSync('setfacl', ['-m', 'u:daemon:r', path]);
  if (extra.includes('capability')) execFileSync('setcap', ['cap_net_raw+ep', path]);
  if (extra.includes('link')) linkSync(path, `${path}.other name`);
  execFileSync('touch', ['-d', `@1600000000.${String(made.nanoseconds).padStart(9, '0')}`, path]);
}

/** A name that is no word for any tool. */
const PROGRAM = '-p "$HOME"\n\'é';

const programFile = fc.record({
  mode: fc.constantFrom<number>(0o755, 0o555, 0o700, 0o711, 0o4755),
  owner: fc.constantFrom<number>(0, 1000),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  extra: fc.subarray(['attribute', 'acl', 'link', 'capability'] as const),
});
type ProgramFile = typeof programFile extends fc.Arbitrary<infer T> ? T : never;

/** A real program, made by the system's compiler. */
function makeProgram(bench: Workbench, path: string, made: ProgramFile): void {
  compile(bench, path);
  carry(path, made);
}

/** Rights that editing would take away, or give to the wrong code. */
function isPrivileged({ mode, extra }: ProgramFile): boolean {
  return (mode & 0o6000) !== 0 || extra.includes('capability');
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
            const changes = [removeTree(at('tree'))];
            if (place === 'far' && lstatSync(at('outside')).nlink > 1)
              await refusedExactly(bench, changes, 'hard-linked');
            else await thereAndBack(bench, changes);
          }),
        ),
        runsOf(5),
      );
    },
    LONG,
  );

  it(
    'apply, then undo, is the identity for files that are edited, whatever they carry',
    async () => {
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
              // Writing in place, as other hard links ask for, would lose the capabilities.
              if (made.extra.includes('capability') && made.extra.includes('link'))
                await refusedExactly(bench, changes, 'rights-lost');
              else await thereAndBack(bench, changes);
            }),
        ),
        runsOf(6),
      );
    },
    LONG,
  );

  it(
    'a copy leaves its source as it is; its undo leaves no directory behind',
    async () => {
      await fc.assert(
        fc.asyncProperty(treeEntries, fc.boolean(), async (entries, across) =>
          inWorld(async (bench) => {
            const copy = bench.at(across ? 'far' : '.', 'deep/er/copy');
            writeFileSync(bench.at('outside'), 'outside');
            makeTree(bench.at('tree'), bench.at('outside'), entries);
            await thereAndBack(bench, [copyTree(bench.at('tree'), copy)], unread);
          }),
        ),
        runsOf(4),
      );
    },
    LONG,
  );

  it(
    'the same with a program in it that the copy points to a private glibc',
    async () => {
      await fc.assert(
        fc.asyncProperty(treeEntries, programFile, fc.boolean(), async (entries, made, across) =>
          inWorld(async (bench) => {
            const copy = bench.at(across ? 'far' : '.', 'deep/er/copy');
            writeFileSync(bench.at('outside'), 'outside');
            makeTree(bench.at('tree'), bench.at('outside'), entries);
            const program = bench.at('tree', PROGRAM);
            makeProgram(bench, program, made);
            const patch = patchFor(program, privateLibrary(bench), PROGRAM);
            const change = { ...copyTree(bench.at('tree'), copy), patches: [patch] };
            if (isPrivileged(made)) await refusedExactly(bench, [change], 'program-privileged');
            else await thereAndBack(bench, [change], unread);
          }),
        ),
        runsOf(3),
      );
    },
    LONG,
  );

  it(
    'apply, then undo, is the identity for programs that are patched where they lie',
    async () => {
      await fc.assert(
        fc.asyncProperty(programFile, fc.boolean(), async (made, across) =>
          inWorld(async (bench) => {
            const program = bench.at(across ? 'far' : '.', PROGRAM);
            makeProgram(bench, program, made);
            const change = patchElf(program, patchFor(program, privateLibrary(bench)));
            if (isPrivileged(made)) await refusedExactly(bench, [change], 'program-privileged');
            else await thereAndBack(bench, [change], unread);
          }),
        ),
        runsOf(4),
      );
    },
    LONG,
  );

  it('a single file with another hard link is not taken away: it would come back alone', async () =>
    inWorld(async (bench) => {
      writeFileSync(bench.at('one'), 'x');
      linkSync(bench.at('one'), bench.at('two'));
      await refusedExactly(bench, [removeTree(bench.at('one'))], 'hard-linked');
    }));
});
