import { copyFileSync, mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProcessReport } from '../../../shared/process.ts';
import { bundledCli } from '../cli/harness.ts';
import { bench, compile, inspected, SLEEPER, smallRoot } from './bench.ts';
import { serveFar, type FarDirectory } from './far-directory.ts';

const here = bench();
const cli = bundledCli();
const served: FarDirectory[] = [];
afterEach(async () => {
  for (const far of served.splice(0)) await far.remove();
});

/** A program with a C library of its own, on a file system that another program answers for. */
async function farProgram(name: string): Promise<{ far: FarDirectory; point: string }> {
  const source = here.path(`${name}-source`);
  const point = here.path(name);
  mkdirSync(source);
  compile(SLEEPER, `${source}/program`, `-Wl,-rpath,${point}`);
  const system = (await inspected()).processes.find((one) => one.pid === process.pid)?.libc?.path;
  copyFileSync(system ?? '', `${source}/libc.so.6`);
  const far = await serveFar(source, point);
  served.push(far);
  return { far, point };
}

/** The real command: a thread that hangs in the kernel would keep it from ending. */
async function listed(...args: readonly string[]): Promise<ProcessReport> {
  const { stdout } = await cli.run(['processes', '--json', ...args], { home: here.path('.') });
  return JSON.parse(stdout) as ProcessReport;
}

describe('a program on a network file system', () => {
  it('that is silent keeps nobody: the answer says what was not looked at', async () => {
    const { far, point } = await farProgram('silent');
    const pid = await here.start(far.path('program'));
    await far.silence();
    const report = await listed();
    // Whether it is an editor cannot be told, so it is in the list.
    expect(report.processes.find((one) => one.pid === pid)).toMatchObject({
      status: 'partial',
      executable: { path: far.path('program'), deleted: false },
      libc: { kind: 'glibc', path: far.path('libc.so.6'), version: null, buildId: null },
      replaced: [],
      problems: [expect.stringContaining(`${point} was not looked at: this fuse file system`)],
    });
    // Root could not look either.
    expect(report.asRoot).toBeNull();
    const { stdout } = await cli.run(['processes'], { home: here.path('.') });
    expect(stdout.replace(/\s+/g, ' ')).toContain('does not answer');
  });

  it('that answers is looked into like any other', async () => {
    const { far } = await farProgram('answering');
    const pid = await here.start(far.path('program'));
    const report = await inspected({ patience: 60_000 });
    const facts = report.processes.find((one) => one.pid === pid);
    expect(facts).toMatchObject({ status: 'read', problems: [], replaced: [] });
    expect(facts?.libc).toMatchObject({ path: far.path('libc.so.6'), deleted: false });
    expect(facts?.libc?.version).toMatch(/^2\.\d+$/);
  });

  it('inside a container is known by the container’s own mounts', async () => {
    const { far, point } = await farProgram('contained');
    const root = smallRoot(here, 'root');
    mkdirSync(`${root}/far`);
    const bind = ['--bind', root, '/', '--bind', point, '/far'];
    const inside = `/far/${basename(far.path('program'))}`;
    const pid = await here.start('bwrap', ['--die-with-parent', ...bind, inside]);
    await far.silence();
    const report = await listed('--all');
    const facts = report.processes.find((one) => one.pid === pid);
    expect(facts).toMatchObject({ status: 'partial', executable: { path: inside } });
    expect(facts?.context).toEqual({ kind: 'container', runtime: null, id: null });
    expect(facts?.problems).toEqual([expect.stringContaining('/far was not looked at')]);
    // What lies in the container beside it was looked at.
    expect(facts?.libc).toMatchObject({ kind: 'glibc', deleted: false });
    expect(facts?.libc?.version).toMatch(/^2\.\d+$/);
  });
});
