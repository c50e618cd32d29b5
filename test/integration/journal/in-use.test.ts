import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { recordedPrograms } from '../../../electron/engine/journal/programs.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { applyRetention } from '../../../electron/engine/journal/retention.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import type { Result } from '../../../shared/error.ts';
import { compile, patchElf, patchFor, privateLibrary } from './elf-bench.ts';
import { apply, code, editJson, job, passing, planOf, removeTree } from './workbench.ts';
import { copyTree, value, workbench, type Workbench } from './workbench.ts';

const stop = { onConflict: 'stop' } as const;

let bench: Workbench;
let program: string;
let library: string;
beforeEach(() => {
  bench = workbench();
  program = bench.at('program');
  compile(bench, program);
  copyFileSync(program, bench.at('original'));
  library = privateLibrary(bench);
});
afterEach(() => bench.dispose());

const run = (): string => execFileSync(program, { encoding: 'utf8' });

function sandbox(): string {
  return bench.at('sandbox');
}

async function patch(): Promise<string> {
  return (await apply(bench, [patchElf(program, patchFor(program, library))])).id;
}

async function removal(): Promise<Result<unknown>> {
  return applyPlan(bench.machine, planOf(bench, [removeTree(sandbox())]), job(), passing);
}

/** Something newer comes, and everything before it leaves the history. */
async function forgetAllButTheNewest(): Promise<readonly string[]> {
  const settings = bench.at('settings.json');
  writeFileSync(settings, '{ "a": 0 }\n');
  await apply(bench, [editJson(settings, 'a', 0, 1)]);
  return forget();
}

async function forget(): Promise<readonly string[]> {
  const limits = { repairs: 1, days: null, megabytes: null };
  return value(await applyRetention(bench.machine, limits, null)).removed;
}

function recordFile(): string {
  return join(bench.machine.directories.state, 'programs.json');
}

describe('A3.10 what a program points into when its repair has left the history', () => {
  it('is not taken away', async () => {
    const id = await patch();
    expect(await forgetAllButTheNewest()).toEqual([id]);
    const answer = await removal();
    expect(answer).toMatchObject({
      error: { code: 'sandbox-in-use', params: { directory: sandbox(), programs: program } },
    });
    expect(run()).toBe('hello 1.0\n');
  });

  it('can go when the program does not point there any more, or is gone', async () => {
    await patch();
    await forgetAllButTheNewest();
    const patched = bench.at('patched');
    copyFileSync(program, patched);
    copyFileSync(bench.at('original'), program);
    const removed = await removal();
    expect(removed).toMatchObject({ ok: true, value: { failure: null } });
    const { id } = value(removed) as { readonly id: string };
    value(await undo(bench.machine, id, stop, job()));
    copyFileSync(patched, program);
    expect(code(await redo(bench.machine, id, job(), passing))).toBe('sandbox-in-use');
    rmSync(program);
    value(await redo(bench.machine, id, job(), passing));
    expect(existsSync(sandbox())).toBe(false);
  });

  it('is not taken away by an undo either, and the preview says so', async () => {
    const made = await apply(bench, [copyTree(sandbox(), bench.at('second'))]);
    library = bench.at('second/lib');
    const patched = await patch();
    rmSync(join(bench.machine.directories.state, 'journal', patched), { recursive: true });
    const programs = [{ program, needs: [library] }];
    writeFileSync(recordFile(), JSON.stringify({ schema: 'devmend.programs/1', programs }));
    expect(value(await previewUndo(bench.machine, made.id))).toMatchObject({
      possible: false,
      reason: { code: 'sandbox-in-use', params: { programs: program } },
    });
    expect(code(await undo(bench.machine, made.id, stop, job()))).toBe('sandbox-in-use');
    expect(run()).toBe('hello 1.0\n');
  });

  it('is written down before the repair goes; where that cannot be, the repair stays', async () => {
    const id = await patch();
    writeFileSync(recordFile(), '{');
    expect(await forgetAllButTheNewest()).toEqual([]);
    rmSync(recordFile());
    writeFileSync(`${recordFile()}.new`, '{');
    value(await recover(bench.machine, job()));
    expect(existsSync(`${recordFile()}.new`)).toBe(false);
    expect(await forget()).toEqual([id]);
    expect(await recordedPrograms(bench.machine)).toEqual([
      { program, needs: [join(library, 'ld-linux-x86-64.so.2'), library] },
    ]);
  });

  it('stays as well where nobody can tell any more what was written down', async () => {
    mkdirSync(bench.machine.directories.state, { recursive: true });
    writeFileSync(recordFile(), '{');
    expect(code(await removal())).toBe('journal-damaged');
  });
});

describe('a program that an undo has left to somebody', () => {
  it('keeps what it points into', async () => {
    const settings = bench.at('settings.json');
    writeFileSync(settings, '{ "a": 0 }\n');
    const both = [patchElf(program, patchFor(program, library)), editJson(settings, 'a', 0, 1)];
    const { id } = await apply(bench, both);
    chmodSync(program, 0o700);
    const { kept } = value(await undo(bench.machine, id, { onConflict: 'keep' }, job()));
    expect(kept).toEqual([program]);
    expect(code(await removal())).toBe('sandbox-in-use');
  });

  it('keeps it too when the same undo would take it away', async () => {
    const second = bench.at('second');
    const copy = copyTree(sandbox(), second);
    const patched = patchElf(program, patchFor(program, join(second, 'lib')));
    const { id } = await apply(bench, [copy, patched]);
    chmodSync(program, 0o700);
    const keep = { onConflict: 'keep' } as const;
    expect(code(await undo(bench.machine, id, keep, job()))).toBe('sandbox-in-use');
    expect(run()).toBe('hello 1.0\n');
    value(await undo(bench.machine, id, { onConflict: 'restore' }, job()));
    expect(existsSync(second)).toBe(false);
    expect(run()).toBe('hello 1.0\n');
  });
});
