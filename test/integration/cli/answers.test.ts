import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependencyReportSchema, elfReportSchema } from '../../../shared/elf.ts';
import { buildNewerLibrary, buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { bundledCli, ended } from './harness.ts';

const cli = bundledCli();
let home = '';
let git = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'devmend-cli-home-'));
  git = join(home, 'git');
  buildNewerProgram(git, 'git');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
const run = (args: readonly string[], environment: Record<string, string> = {}) =>
  cli.run(args, { home, environment });

/** The one object on stdout. */
function object(stdout: string) {
  expect(stdout.startsWith('{')).toBe(true);
  return JSON.parse(stdout);
}

describe('wrong usage', () => {
  it.each([
    [['frobnicate'], 'there is no command frobnicate'],
    [['scan', '--frobnicate'], 'there is no option --frobnicate'],
    [['explain'], 'finding-id is missing'],
    [['deps', '/bin/ls', '/bin/sh'], 'more arguments'],
    [['undo', 'x', '--on-conflict', 'perhaps'], 'perhaps is no value'],
    [['scan', '--only'], 'needs a value'],
    [['sandbox'], 'the command is incomplete'],
    [['plan'], 'plan --all'],
    [['plan', 'x', '--choice', 'use'], '--choice use'],
    [['scan', '--only', 'no-such-check'], 'no-such-check'],
  ])('%j is answered in one sentence with status 2', async (args, words) => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('is one JSON object too where JSON was asked for, with the same sentence on stderr', async () => {
    const { code, stdout, stderr } = await run(['explain', 'no-such-finding', '--json']);
    expect(code).toBe(2);
    const { schema, error } = object(stdout);
    expect(schema).toBe('devmend.error/1');
    expect(error).toMatchObject({ code: 'finding-not-found' });
    expect(stderr.trim()).toBe(error['message']);
  });
});

describe('help', () => {
  it('names every command and every exit status', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    const commands =
      'scan explain plan apply history show export pin unpin prune undo redo recover elf deps sandbox';
    for (const command of commands.split(' ')) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'mu'));
    }
    for (const status of ['0', '1', '2', '3', '4', '5', '130']) {
      expect(stdout).toMatch(new RegExp(`^  ${status} +\\S`, 'mu'));
    }
  });

  it('speaks Chinese to those who read it', async () => {
    const { stdout } = await run(['scan', '--help'], { LANG: 'zh_CN.UTF-8' });
    expect(stdout).toContain('用法：');
    expect(stdout).toContain('输出一个 JSON 对象');
  });
});

describe('elf', () => {
  it('prints exactly one object that fits its schema, in path order', async () => {
    mkdirSync(join(home, 'dir'), { recursive: true });
    writeFileSync(join(home, 'dir', 'notes.txt'), 'no program\n');
    buildNewerLibrary(join(home, 'dir', 'libnew.so.1'), 'libnew.so.1');
    const { code, stdout, stderr } = await run(['elf', git, join(home, 'dir'), '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const { files } = elfReportSchema.parse(object(stdout));
    expect(files.map(({ path }) => path)).toEqual([join(home, 'dir', 'libnew.so.1'), git]);
    expect(
      files[1]?.versionNeeds.flatMap(({ versions }) => versions.map(({ name }) => name)),
    ).toContain('GLIBC_2.38');
  });

  it('has status 1 for a named file that is none, and 0 for one that lies in a directory', async () => {
    expect((await run(['elf', '/etc/passwd'])).code).toBe(1);
    expect((await run(['elf', join(home, 'dir')])).code).toBe(0);
  });
});

describe('deps', () => {
  it('says that a program would not start, why, and ends with 1', async () => {
    const { code, stdout } = await run(['deps', git, '--json']);
    expect(code).toBe(1);
    const report = dependencyReportSchema.parse(object(stdout));
    expect(report.verdict).toBe('fails');
    expect(report.versionErrors).toMatchObject([
      { library: 'libc.so.6', version: 'GLIBC_2.38', requiredBy: git, symbols: ['strlcpy'] },
    ]);
    const words = await run(['deps', git]);
    expect(words.stdout).toContain('lacks GLIBC_2.38');
    expect(words.stdout).toContain('x does not start');
  });

  it('says that a program starts, and ends with 0', async () => {
    const { code, stdout } = await run(['deps', '/bin/ls']);
    expect(code).toBe(0);
    expect(stdout).toContain('+ starts');
  });

  it('prints a graph for Graphviz', async () => {
    const { code, stdout } = await run(['deps', '/bin/ls', '--dot']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^digraph .*\{\n[^]*\}\n$/u);
  });

  it('tells a file that is not there from one that is no program', async () => {
    const absent = await run(['deps', join(home, 'absent')]);
    expect(absent.code).toBe(2);
    expect(absent.stderr).toContain(`There is no file ${join(home, 'absent')}`);
    const text = await run(['deps', '/etc/passwd', '--json']);
    expect(text.code).toBe(2);
    expect(object(text.stdout)).toMatchObject({ verdict: 'unknown', reason: 'not-elf' });
    const damaged = join(home, 'damaged');
    writeFileSync(damaged, readFileSync(git).subarray(0, 100));
    const cut = await run(['deps', damaged]);
    expect(cut.code).toBe(3);
    expect(cut.stderr).toContain(`${damaged} is damaged at byte `);
  });

  it('--root looks at another root only: its libraries, and links inside it', async () => {
    const root = join(home, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    buildNewerProgram(join(root, 'bin', 'tool'), 'tool');
    symlinkSync('/bin/tool', join(root, 'bin', 'link'));
    const { code, stdout } = await run(['deps', '/bin/link', '--root', root, '--json']);
    expect(code).toBe(1);
    expect(object(stdout)).toMatchObject({ root, objects: [], verdict: 'fails' });
  });
});

describe('scan', () => {
  it('ends with 1 and one object, its words in English whatever the language', async () => {
    const args = ['scan', '--program', git, '--json'];
    const { code, stdout, stderr } = await run(args, { LC_ALL: 'zh_CN.UTF-8' });
    expect([code, stderr]).toEqual([1, '']);
    const report = object(stdout);
    expect(report['schema']).toBe('devmend.scan/1');
    expect(report['findings'][0]).toMatchObject({
      check: 'glibc-version-missing',
      severity: 'error',
      title: expect.stringMatching(/^git /u),
      affected: expect.arrayContaining([git]),
    });
    expect(report['findings'][0].id).toMatch(/^glibc-version-missing:[0-9a-f]+$/u);
    expect(report['probes'].map((probe: { id: string }) => probe.id)).toContain('libc');
  });

  it('finds the same ids again, and none of them where nothing is wrong', async () => {
    const ids = async () =>
      object((await run(['scan', '--program', git, '--json'])).stdout)['findings'].map(
        ({ id }: { id: string }) => id,
      );
    expect(await ids()).toEqual(await ids());
    const clean = await run(['scan', '--program', '/bin/ls', '--only', 'glibc-version-missing']);
    expect(clean.code).toBe(0);
    expect(clean.stdout).toContain('Nothing has been');
  });

  it('has no colour without a terminal, speaks Chinese, and keeps paths whole', async () => {
    const { code, stdout } = await run(['scan', '--program', git], { LANG: 'zh_CN.UTF-8' });
    expect(code).toBe(1);
    expect(stdout).toContain('x 问题');
    expect(stdout).toContain(git);
    expect(stdout).not.toContain('\u001b');
  });

  it('judges a saved snapshot as it judged the machine', async () => {
    const file = join(home, 'snapshot.json');
    const live = await run(['scan', '--program', git, '--save-snapshot', file, '--json']);
    const replayed = await run(['scan', '--snapshot', file, '--json']);
    const findings = (text: string) => object(text)['findings'];
    expect(findings(replayed.stdout)).toEqual(findings(live.stdout));
    writeFileSync(file, '{"schema":"devmend.snapshot/99"}');
    const unknown = await run(['scan', '--snapshot', file]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('snapshot');
  });

  it('outlives a reader that goes away', async () => {
    const child = cli.start(['scan', '--program', git], { home });
    child.stdout?.destroy();
    const { code, stderr } = await ended(child);
    expect([code, stderr]).toEqual([1, '']);
  });

  it('without arguments and without a terminal: says what is wrong and what to type next', async () => {
    mkdirSync(join(home, '.config/devmend'), { recursive: true });
    const settings = join(home, '.config/devmend/settings.json');
    writeFileSync(settings, JSON.stringify({ schema: 'devmend.settings/1', programs: [git] }));
    const { code, stdout } = await run([]);
    rmSync(settings);
    expect(code).toBe(1);
    const command = /devmend apply (glibc-version-missing:\w+) --yes/u.exec(stdout);
    expect(command).not.toBeNull();
  });
});

describe('another platform', () => {
  it.each([
    ['platform', 'darwin'],
    ['arch', 'ppc64'],
  ])('%s %s is refused in one sentence with status 3', async (key, value) => {
    const stub = join(home, `${value}.cjs`);
    writeFileSync(stub, `Object.defineProperty(process, '${key}', { value: '${value}' });\n`);
    const { code, stdout, stderr } = await cli.run(['scan'], { home, node: ['--require', stub] });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain(value);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('a terminal', () => {
  it('gets colours, unless NO_COLOR is set', async () => {
    const coloured = cli.terminal(['deps', '/bin/ls'], { home });
    expect(await coloured.exit()).toBe(0);
    expect(coloured.raw).toContain('\u001b[32m+ starts');
    const plain = cli.terminal(['deps', '/bin/ls'], { home, environment: { NO_COLOR: '1' } });
    expect(await plain.exit()).toBe(0);
    expect(plain.raw).not.toContain('\u001b[');
  });

  it('a hostile file name cannot control it', async () => {
    const hostile = join(home, 'evil\u001b]0;owned\u0007.so');
    buildNewerLibrary(hostile, 'libevil.so');
    const terminal = cli.terminal(['elf', hostile], { home });
    expect(await terminal.exit()).toBe(0);
    expect(terminal.raw).toContain('evil\\x1b]0;owned\\x07.so');
    expect(terminal.raw).not.toContain('\u001b]0;');
  });

  it('Ctrl-C during a scan ends it with 130', async () => {
    const child = cli.start(['scan', '--program', git], {
      home,
      node: ['--require', interruptAtScan()],
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
  });
});

/** Sends the signal as soon as the program is ready for it, so that no timing decides. */
function interruptAtScan(): string {
  const path = join(home, 'interrupt.cjs');
  writeFileSync(
    path,
    `const on = process.on;
process.on = function (name, listener) {
  on.call(process, name, listener);
  if (name === 'SIGHUP') process.kill(process.pid, 'SIGINT');
  return process;
};\n`,
  );
  return path;
}
