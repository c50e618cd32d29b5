import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readElf } from '../../../electron/engine/elf/read.ts';
import { bench, compile, factsOf, inspected, ownContext, SLEEPER } from './bench.ts';

const here = bench();

/** A running program with a library of its own. */
async function withLibrary(
  name: string,
): Promise<{ pid: number; library: string; program: string }> {
  mkdirSync(here.path(name));
  const library = here.path(`${name}/libgive.so`);
  const program = here.path(`${name}/program`);
  compile('int give(void){return 0;}', library, '-shared', '-fPIC');
  compile(
    SLEEPER,
    program,
    `-L${here.path(name)}`,
    '-Wl,--no-as-needed',
    '-lgive',
    '-Wl,-rpath,$ORIGIN',
  );
  return { pid: await here.start(program), library, program };
}

describe('what a process has mapped', () => {
  it('is the C library of this system, by its bytes, with release and build', async () => {
    const { pid, program } = await withLibrary('plain');
    const report = await inspected();
    const facts = report.processes.find((one) => one.pid === pid);
    const path = facts?.libc?.path ?? '';
    const elf = readElf(path);
    const told = execFileSync(path, { encoding: 'utf8' });
    expect(facts).toMatchObject({
      status: 'read',
      executable: { path: program, deleted: false },
      replaced: [],
      problems: [],
      libc: { kind: 'glibc', deleted: false },
    });
    expect(facts?.libc?.buildId).toBe(elf.ok ? elf.value.notes.buildId : '');
    expect(told).toContain(`GNU C Library (${facts?.libc?.release})`);
    expect(told).toContain(`version ${facts?.libc?.version}`);
    expect(report.system).toEqual({ version: facts?.libc?.version, buildId: facts?.libc?.buildId });
    expect(facts?.context).toEqual(await ownContext());
  });

  it('and was replaced, removed or written over since is named so', async () => {
    const [replaced, removed, rewritten] = [
      await withLibrary('replaced'),
      await withLibrary('removed'),
      await withLibrary('rewritten'),
    ];
    copyFileSync(replaced.library, `${replaced.library}.new`);
    renameSync(`${replaced.library}.new`, replaced.library);
    rmSync(removed.library);
    rmSync(removed.program);
    writeFileSync(rewritten.library, new Uint8Array([0]), { flag: 'r+' });
    // Its clock decides, not how long the test took.
    const later = Date.now() / 1000 + 60;
    utimesSync(rewritten.library, later, later);

    expect((await factsOf(replaced.pid)).replaced).toEqual([
      { path: replaced.library, reason: 'replaced' },
    ]);
    const gone = await factsOf(removed.pid);
    expect(gone.executable).toEqual({ path: removed.program, deleted: true });
    expect(gone.replaced).toEqual([
      { path: removed.program, reason: 'deleted' },
      { path: removed.library, reason: 'deleted' },
    ]);
    expect((await factsOf(rewritten.pid)).replaced).toEqual([
      { path: rewritten.library, reason: 'rewritten' },
    ]);
  });

  it('is told apart from a name that merely looks like a removed one', async () => {
    mkdirSync(here.path('named'));
    const program = here.path('named/a (b) \nState:\tZ (deleted)');
    compile(SLEEPER, here.path('named/plain'));
    renameSync(here.path('named/plain'), program);
    const pid = await here.start(program);
    const facts = await factsOf(pid);
    expect(facts).toMatchObject({
      status: 'read',
      executable: { path: program, deleted: false },
      replaced: [],
    });
    expect(facts.startedAt).not.toBeNull();
  });

  it('is still read from the mapping when its file is gone: private C library', async () => {
    const system = (await inspected()).processes.find((one) => one.pid === process.pid)?.libc?.path;
    const directory = here.path('private');
    mkdirSync(directory);
    compile(SLEEPER, join(directory, 'program'), `-Wl,-rpath,${directory}`);
    copyFileSync(system ?? '', join(directory, 'libc.so.6'));
    const pid = await here.start(join(directory, 'program'));
    expect((await factsOf(pid)).context).toEqual({ kind: 'private-libc', directory });
    rmSync(join(directory, 'libc.so.6'));
    const facts = await factsOf(pid);
    expect(facts.libc).toMatchObject({ path: join(directory, 'libc.so.6'), deleted: true });
    expect(facts.libc?.version).toMatch(/^2\.\d+$/);
    expect(facts.status).toBe('read');
  });

  it('is musl with its version, or nothing of the system for a static program', async () => {
    const source = here.path('sleeper.c');
    writeFileSync(source, SLEEPER);
    execFileSync('musl-gcc', ['-o', here.path('musl'), source]);
    execFileSync('gcc', ['-static', '-o', here.path('static'), source]);
    const musl = await factsOf(await here.start(here.path('musl')));
    expect(musl.libc).toMatchObject({ kind: 'musl', deleted: false });
    expect(musl.libc?.version).toMatch(/^1\.\d+\.\d+/);
    expect(statSync(musl.libc?.path ?? '').isFile()).toBe(true);
    const still = await factsOf(await here.start(here.path('static')));
    expect(still.libc).toMatchObject({ kind: 'static', path: null });
  });

  it('comes with the variables that steer the loader, and a command without secrets', async () => {
    compile(SLEEPER, here.path('steered'));
    const token = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
    const pid = await here.start(
      here.path('steered'),
      ['--connection-token', 'hunter2-and-more', `--x=${token}`, 'visible'],
      { environment: { LD_LIBRARY_PATH: '/no/such', SECRET_KEY: token } },
    );
    const facts = await factsOf(pid);
    expect(facts.environment).toEqual({ LD_LIBRARY_PATH: '/no/such' });
    expect(facts.command).toContain('visible');
    expect(JSON.stringify(facts)).not.toMatch(/hunter2|ghp_/);
  });
});
