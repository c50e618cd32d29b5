import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { probeAsNobody } from './as-user.ts';
import { addGlibc, CODE_PRODUCT, machineOf, makeTree, probe, type Tree } from './tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
  addGlibc(tree);
});
afterEach(() => {
  tree.remove();
});

const SETTINGS = '/home/ada/.config/Code/User/settings.json';

function only(snapshot: Snapshot): Program {
  const programs = snapshot.probes.programs.data?.programs ?? [];
  expect(programs).toHaveLength(1);
  const [program] = programs;
  if (program === undefined) throw new Error('no program');
  return program;
}

async function examine(path: string): Promise<Program> {
  return only((await probe(tree, { programs: [path] })).snapshot);
}

describe('programs', () => {
  it('names what the loader would refuse, with the facts that a repair needs', async () => {
    buildNewerProgram(tree.host('/opt/git/bin/git'), 'git');
    fs.chmodSync(tree.host('/opt/git/bin/git'), 0o750);
    tree.json(SETTINGS, { 'git.path': '/opt/git/bin/git' });
    const program = only((await probe(tree)).snapshot);
    const bytes = fs.readFileSync(tree.host('/opt/git/bin/git'));
    expect(program).toMatchObject({
      path: '/opt/git/bin/git',
      realPath: '/opt/git/bin/git',
      name: 'git',
      references: [{ kind: 'setting', setting: 'git.path', line: 1 }],
      problem: null,
      report: {
        verdict: 'fails',
        versionErrors: [{ version: 'GLIBC_2.38', symbols: ['strlcpy'] }],
      },
      file: {
        size: bytes.length,
        mode: 0o750,
        links: 1,
        privileged: false,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        replaceable: true,
      },
      elf: {
        class: 'ELF64',
        linkage: 'dynamic',
        libc: 'glibc',
        appendedPayload: 0,
        goVersion: null,
      },
    });
  });

  it('is one program however many names lead to it', async () => {
    tree.copy('/usr/bin/tool', '/bin/sh');
    tree.link('/home/ada/tool', '/usr/bin/tool');
    tree.json(SETTINGS, {
      'git.path': '/home/ada/tool',
      'go.alternateTools': { gopls: '/usr/bin/tool' },
    });
    const program = only((await probe(tree, { programs: ['/usr/bin/../bin/tool'] })).snapshot);
    expect(program.realPath).toBe('/usr/bin/tool');
    expect(program.references.map(({ kind }) => kind)).toEqual(['user', 'setting', 'setting']);
  });

  it('hashes only what fails or what the user named', async () => {
    tree.copy('/usr/bin/fine', '/bin/sh');
    tree.json(SETTINGS, { 'git.path': '/usr/bin/fine' });
    expect(only((await probe(tree)).snapshot).file?.sha256).toBeNull();
    expect((await examine('/usr/bin/fine')).file?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says of a script what it is, which is no problem', async () => {
    tree.write('/opt/wrapper', '#!/bin/sh\nexec git\n', 0o755);
    expect(await examine('/opt/wrapper')).toMatchObject({
      problem: null,
      report: { verdict: 'unknown', reason: 'not-elf' },
      elf: null,
    });
  });

  it('gives the reason for each path that leads nowhere', async () => {
    tree.link('/opt/dangling', '/opt/gone');
    tree.link('/opt/loop', '/opt/loop');
    fs.mkdirSync(tree.host('/opt/directory'));
    execFileSync('mkfifo', [tree.host('/opt/pipe')]);
    const paths = ['/opt/dangling', '/opt/loop', '/opt/missing', '/opt/directory', '/opt/pipe'];
    const { snapshot } = await probe(tree, { programs: [...paths, 'bare-name'] });
    const programs = snapshot.probes.programs.data?.programs ?? [];
    expect(programs.map(({ path, problem, report }) => [path, problem?.code, report])).toEqual([
      ['/opt/dangling', 'dangling-link', null],
      ['/opt/loop', 'link-loop', null],
      ['/opt/missing', 'not-found', null],
      ['/opt/directory', 'unsupported', null],
      ['/opt/pipe', 'unsupported', null],
      ['bare-name', 'not-found', null],
    ]);
  });

  it('marks setuid programs and file capabilities as privileged', async () => {
    tree.copy('/opt/suid', '/bin/sh');
    fs.chmodSync(tree.host('/opt/suid'), 0o4755);
    tree.copy('/opt/capable', '/bin/sh');
    const run = machineOf(tree).run;
    const machine = {
      ...machineOf(tree),
      run: (async (command, onOutput, signal) => ({
        ...(await run(command, onOutput, signal)),
        output: `${tree.host('/opt/capable')} cap_net_raw=ep\r\n`,
      })) satisfies typeof run,
    };
    const job = { emit: () => undefined, signal: new AbortController().signal };
    const programs = ['/opt/suid', '/opt/capable', '/bin/sh'];
    const snapshot = await runProbes(machine, { programs }, job);
    const found = snapshot.probes.programs.data?.programs ?? [];
    const hasGetcap = ['/usr/sbin/getcap', '/sbin/getcap', '/usr/bin/getcap'].some(fs.existsSync);
    expect(found.map(({ file }) => file?.privileged)).toEqual([true, hasGetcap, false]);
  });

  it('tells what the user and the settings named before it has looked at the rest', async () => {
    tree.json('/usr/share/code/resources/app/product.json', CODE_PRODUCT);
    tree.copy('/usr/share/code/code', '/bin/sh');
    tree.json(SETTINGS, { 'git.path': '/bin/sh' });
    const partial: string[][] = [];
    await probe(tree, {
      only: ['programs'],
      onPartial: ({ probes }) =>
        partial.push((probes.programs.data?.programs ?? []).map(({ path }) => path)),
    });
    expect(partial).toEqual([['/bin/sh'], ['/bin/sh', '/usr/share/code/code']]);
  });

  it('A link that is absolute stays inside the root, and nothing inside is run', async () => {
    // The same path exists outside with other content: following it out would show.
    tree.link('/opt/sh', '/etc/passwd');
    expect(await examine('/opt/sh')).toMatchObject({ problem: { code: 'dangling-link' } });
    tree.copy('/etc/passwd', '/bin/sh');
    const inside = await examine('/opt/sh');
    expect(inside).toMatchObject({ realPath: '/etc/passwd', elf: { class: 'ELF64' } });
    for (const { path } of inside.report?.objects ?? [])
      expect(fs.existsSync(tree.host(path))).toBe(true);
    tree.link('/opt/up', '../../../../../../etc/passwd');
    expect((await examine('/opt/up')).realPath).toBe('/etc/passwd');
  });

  it('as an ordinary user: what may not be read has its reason, what may not be replaced is marked', async () => {
    fs.chmodSync(tree.root, 0o755);
    tree.copy('/opt/readable', '/bin/sh');
    tree.copy('/opt/secret', '/bin/sh');
    fs.chmodSync(tree.host('/opt/secret'), 0o711);
    tree.copy('/private/tool', '/bin/sh');
    fs.chmodSync(tree.host('/private'), 0o700);
    tree.copy('/open/mine', '/bin/sh');
    fs.chmodSync(tree.host('/open'), 0o777);
    tree.copy('/sticky/theirs', '/bin/sh');
    fs.chmodSync(tree.host('/sticky'), 0o1777);
    tree.write(SETTINGS, '{"git.path": "/opt/readable"}', 0o600);
    const paths = ['/opt/readable', '/opt/secret', '/private/tool', '/open/mine', '/sticky/theirs'];
    const snapshot = await probeAsNobody(tree.root, tree.home, paths);
    expect(
      (snapshot.probes.programs.data?.programs ?? []).map(({ path, problem, report, file }) => [
        path,
        problem?.code ?? null,
        report?.verdict ?? null,
        file?.replaceable ?? null,
      ]),
    ).toEqual([
      ['/opt/readable', null, 'starts', false],
      ['/opt/secret', 'not-permitted', null, false],
      ['/private/tool', 'not-permitted', null, null],
      ['/open/mine', null, 'starts', true],
      ['/sticky/theirs', null, 'starts', false],
    ]);
    expect(snapshot.probes['editor-settings']).toMatchObject({
      status: 'partial',
      problems: [{ code: 'not-permitted', path: SETTINGS }],
    });
  });
});
