import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandRunner } from '../../../electron/engine/command.ts';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import { runWithPipes } from '../../../electron/engine/pipes-runner.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import { apply, copyTree, job, passing, planOf, timeless, value, workbench } from './workbench.ts';
import type { Workbench } from './workbench.ts';

let bench: Workbench;
let program: string;
let library: string;
beforeEach(() => {
  bench = workbench();
  mkdirSync(bench.at('program/bin'), { recursive: true });
  program = bench.at('program/bin/main');
  compile(bench, program);
  library = privateLibrary(bench);
});
afterEach(() => bench.dispose());

const stop = { onConflict: 'stop' } as const;

describe('a patched copy', () => {
  it('is made, tried and run with the private loader, and undo removes all of it', async () => {
    const copy = bench.at('.local/share/devmend/programs/main-1');
    const change = {
      ...copyTree(bench.at('program'), copy),
      patches: [patchFor(program, library, 'bin/main')],
      trial: { path: 'bin/main', args: ['--version'], environment: {}, timeoutMs: 10_000 },
    };
    const told = job();
    const outcome = value(await applyPlan(bench.machine, planOf(bench, [change]), told, passing));
    expect(outcome.failure).toBeNull();
    expect(execFileSync(`${copy}/bin/main`, { encoding: 'utf8' })).toBe('hello 1.0\n');
    const maps = execFileSync(`${library}/ld-linux-x86-64.so.2`, ['--list', `${copy}/bin/main`]);
    expect(maps.toString()).toContain(`${library}/libc.so.6`);

    const lines = told.events.flatMap((event) =>
      event.type === 'output' && event.stream === 'command' ? [event.text.split(' ')[0]] : [],
    );
    expect(lines.slice(0, 3)).toEqual(['cp', '/usr/bin/patchelf', '/usr/bin/patchelf']);
    const notes = told.events.flatMap((event) => (event.type === 'note' ? [event.note.key] : []));
    expect(notes).toEqual(['change.note.structure', 'change.note.simulated', 'change.note.trial']);

    value(await undo(bench.machine, outcome.id, stop, job()));
    expect(existsSync(dirname(copy))).toBe(false);
  });
});

describe('a program patched where it lies', () => {
  it('keeps mode, owner, times and attributes, and undo gives the same bytes', async () => {
    chmodSync(program, 0o555);
    execFileSync('setfattr', ['-n', 'user.origin', '-v', 'team', program]);
    execFileSync('touch', ['-d', '@1700000000.123456789', program]);
    const before = await captureState(program);
    const { id, failure } = await apply(bench, [patchElf(program, patchFor(program, library))]);
    expect(failure).toBeNull();
    const after = await captureState(program);
    if (before.type !== 'file' || after.type !== 'file') throw new Error('a file expected');
    expect({ ...after, sha256: '', size: 0, atimeNs: '' }).toEqual({
      ...before,
      sha256: '',
      size: 0,
      atimeNs: '',
    });
    expect(after.sha256).not.toBe(before.sha256);
    expect(execFileSync(program, { encoding: 'utf8' })).toBe('hello 1.0\n');
    value(await undo(bench.machine, id, stop, job()));
    expect(timeless(await captureState(program))).toEqual(timeless(before));
  });

  it('A3.13 stays one file with its other hard links', async () => {
    const other = bench.at('program/bin/other');
    linkSync(program, other);
    const before = await captureState(program);
    const { id, failure } = await apply(bench, [patchElf(program, patchFor(program, library))]);
    expect(failure).toBeNull();
    expect(statSync(other).ino).toBe(statSync(program).ino);
    expect(execFileSync(other, { encoding: 'utf8' })).toBe('hello 1.0\n');
    value(await undo(bench.machine, id, stop, job()));
    expect(statSync(other).ino).toBe(statSync(program).ino);
    expect(timeless(await captureState(program))).toEqual(timeless(before));
  });

  const refused = async (run: CommandRunner = runWithPipes): Promise<string | undefined> => {
    const before = lstatSync(program, { bigint: true });
    const machine = { ...bench.machine, run };
    const plan = planOf(bench, [patchElf(program, patchFor(program, library))]);
    const outcome = await applyPlan(machine, plan, job(), passing);
    expect(lstatSync(program, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
    expect(lstatSync(program, { bigint: true }).ino).toBe(before.ino);
    expect(readdirSync(dirname(program))).toEqual(['main']);
    if (outcome.ok) expect(outcome.value.status).toBe('rolled-back');
    return outcome.ok ? outcome.value.failure?.code : outcome.error.code;
  };

  it('is refused when it is setuid', async () => {
    chmodSync(program, 0o4755);
    expect(await refused()).toBe('program-privileged');
  });

  it('is refused when it has capabilities', async () => {
    execFileSync('setcap', ['cap_net_raw+ep', program]);
    expect(await refused()).toBe('program-privileged');
  });

  it('is refused when data is appended to it', async () => {
    appendFileSync(program, 'PK\u0003\u0004 payload');
    expect(await refused()).toBe('program-appended-payload');
  });

  it('goes back when patchelf crashes', async () => {
    expect(
      await refused((command, onOutput, signal) =>
        runWithPipes(
          { ...command, file: '/bin/sh', args: ['-c', 'echo "assertion failed"; kill -SEGV $$'] },
          onOutput,
          signal,
        ),
      ),
    ).toBe('tool-crashed');
  });

  it('goes back when patchelf writes a file that the structural check refuses', async () => {
    expect(
      await refused(async (command, onOutput, signal) => {
        const outcome = await runWithPipes(command, onOutput, signal);
        const file = command.args[command.args.length - 1] ?? '';
        if (command.args.includes('--set-interpreter'))
          execFileSync('patchelf', ['--remove-needed', 'libc.so.6', file]);
        return outcome;
      }),
    ).toBe('structural-check-failed');
  });

  it('goes back when the edited program would lack a library', async () => {
    const patch = patchFor(program, library);
    const strayed = { ...patch, interpreter: { ...patch.interpreter, after: '/nowhere/ld.so' } };
    const outcome = await apply(bench, [patchElf(program, strayed)]);
    expect(outcome.failure?.code).toBe('simulation-failed');
    expect(readdirSync(dirname(program))).toEqual(['main']);
  });

  it('goes back when the trial run hangs', async () => {
    compile(bench, program, 'pause();');
    const change = patchElf(program, patchFor(program, library));
    const trial = { path: '.', args: [], environment: {}, timeoutMs: 300 };
    const outcome = await apply(bench, [{ ...change, trial }]);
    expect(outcome.failure?.code).toBe('trial-run-timed-out');
    expect(outcome.status).toBe('rolled-back');
  });

  it('goes back when it was cancelled in the middle', async () => {
    const controller = new AbortController();
    const before = readFileSync(program);
    const run: CommandRunner = async (command, onOutput) => {
      controller.abort();
      return runWithPipes(command, onOutput, controller.signal);
    };
    const plan = planOf(bench, [patchElf(program, patchFor(program, library))]);
    const machine = { ...bench.machine, run };
    const outcome = value(await applyPlan(machine, plan, job(controller.signal), passing));
    expect([outcome.status, outcome.failure?.code]).toEqual(['rolled-back', 'cancelled']);
    expect(readFileSync(program).equals(before)).toBe(true);
    expect(readdirSync(dirname(program))).toEqual(['main']);
  });
});
