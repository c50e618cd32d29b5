import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Command, CommandOutcome } from '../../../electron/engine/command.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { askRpm } from '../../../electron/engine/probes/packages/rpm.ts';
import { addGlibc, machineOf, makeTree, probe, type Tree } from '../../integration/probes/tree.ts';

const LIBC = '/usr/lib64/libc.so.6';
const TEXT = 'the library';
const signal = new AbortController().signal;
const digest = (kind: string, text = TEXT): string => createHash(kind).update(text).digest('hex');

/** As rpm 4.18 printed it for a glibc package built for two architectures. */
function recorded(sum: string, architecture = 'x86_64', epoch = '0', directory = '/usr/lib64') {
  return `@\tglibc\t${epoch}\t2.41-5.fc42\t${architecture}\n=\t${directory}/l\t\n=\t${directory}/libc.so.6\t${sum}\n`;
}

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
  tree.write(LIBC, TEXT);
});
afterEach(() => tree.remove());

/** What is made of an answer of rpm, and the commands that were run. */
async function ask(output: string, ending: Partial<CommandOutcome> = {}, paths = [LIBC]) {
  const commands: Command[] = [];
  const outcome = { exitCode: 0, signal: null, timedOut: false, cancelled: false, output };
  const run = (command: Command): Promise<CommandOutcome> => {
    commands.push(command);
    return Promise.resolve({ ...outcome, ...ending });
  };
  const runtime = paths.map((path) => ({ soname: 'libc.so.6', path }));
  const machine = { ...machineOf(tree), run };
  const answer = await askRpm(machine, openFiles(tree.root), runtime, signal);
  return { commands, packages: answer?.packages ?? null, unowned: answer?.unowned ?? null };
}

const glibc = {
  ...{ library: 'libc.so.6', name: 'glibc', version: '2.41-5.fc42', architecture: 'x86_64' },
  ...{ held: false, owns: true, intact: true },
};

describe('what rpm answers', () => {
  it('is asked by its absolute path, in the C locale, about one file', async () => {
    const { commands, packages } = await ask(recorded(digest('sha256')));
    expect(packages).toEqual([glibc]);
    expect(commands).toMatchObject([
      { file: '/usr/bin/rpm', environment: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } },
    ]);
    expect(commands[0]?.args.slice(0, 2)).toEqual(['--query', '--file']);
    expect(commands[0]?.args.at(-1)).toBe(LIBC);
  });

  it.each([
    ['as it was installed, SHA-256', digest('sha256'), true],
    ['as it was installed, MD5 of an older rpm', digest('md5'), null],
    ['changed since', digest('sha256', 'as it was'), false],
    ['without a digest', '', null],
  ])('the file is %s', async (_words, sum, intact) => {
    expect((await ask(recorded(sum))).packages).toEqual([{ ...glibc, intact }]);
  });

  it('a package that lists /lib64, which has become a link, still has its digest compared', async () => {
    tree.link('/lib64', 'usr/lib64');
    const usual = recorded(digest('sha256'), 'x86_64', '0', '/lib64');
    expect((await ask(usual)).packages).toEqual([glibc]);
    const changed = recorded(digest('sha256', 'as it was'), 'x86_64', '0', '/lib64');
    expect((await ask(changed)).packages).toMatchObject([{ intact: false }]);
  });

  it('an epoch is part of the version; the first of several architectures counts', async () => {
    const both =
      recorded(digest('sha256'), 'x86_64', '2') + recorded(digest('sha256'), 'i686', '2');
    expect((await ask(both)).packages).toEqual([{ ...glibc, version: '2:2.41-5.fc42' }]);
  });

  it('a file that no package owns is an answer, with status 1', async () => {
    const text = `file ${LIBC} is not owned by any package\n`;
    const { packages, unowned } = await ask(text, { exitCode: 1 });
    expect([packages, unowned]).toEqual([[], [{ soname: 'libc.so.6', path: LIBC }]]);
  });

  it.each([
    ['a file that is not there', `error: file ${LIBC}: No such file or directory\n`, 1],
    ['a damaged database', 'error: cannot open Packages database in /var/lib/rpm\n', 1],
    ['garbage', '\0\u001b[31m\t\t\n@\n', 0],
    ['nothing', '', 0],
    ['the end by a signal', recorded(digest('sha256')), null],
  ])('%s is no answer', async (_words, text, exitCode) => {
    expect((await ask(text, { exitCode })).packages).toBeNull();
  });

  it('past its time limit nothing is known, and no further file is asked for', async () => {
    const { commands, packages } = await ask(recorded(''), { timedOut: true }, [LIBC, LIBC]);
    expect(packages).toBeNull();
    expect(commands).toHaveLength(1);
  });

  it('where rpm cannot be started nothing is known', async () => {
    const run = (): Promise<never> => Promise.reject(new Error('ENOENT'));
    const machine = { ...machineOf(tree), run };
    const runtime = [{ soname: 'libc.so.6', path: LIBC }];
    expect(await askRpm(machine, openFiles(tree.root), runtime, signal)).toBeNull();
  });
});

it('another root that rpm keeps says that its database cannot be read', async () => {
  addGlibc(tree);
  tree.write('/usr/lib/sysimage/rpm/rpmdb.sqlite', 'SQLite format 3\0');
  const { snapshot } = await probe(tree, { only: ['packages'] });
  const { status, problems, data } = snapshot.probes.packages;
  expect(data).toMatchObject({ manager: 'rpm', packages: [] });
  expect([status, problems.map(({ code }) => code)]).toEqual(['partial', ['unsupported']]);
});
