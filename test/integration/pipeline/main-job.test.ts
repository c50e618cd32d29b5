import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createPipeline } from '../../../electron/engine/create-pipeline.ts';
import type { ScanOutcome } from '../../../electron/engine/pipeline.ts';
import type { Result } from '../../../shared/error.ts';
import type { Plan } from '../../../shared/plan.ts';
import { layDesk, recordingJob, settingsText, type Desk } from '../../fixtures/desk.ts';

const desks: Desk[] = [];
afterEach(() => desks.splice(0).forEach((desk) => desk.remove()));

function newDesk(): Desk {
  const desk = layDesk();
  desks.push(desk);
  return desk;
}

function must<T>(answer: Result<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
}

/** Everything about a file that undo has to bring back. */
function facts(path: string): unknown {
  const { mode, uid, gid, mtimeMs, ino, nlink, size } = lstatSync(path);
  return {
    mode,
    uid,
    gid,
    mtimeMs,
    nlink,
    size,
    ino: ino > 0,
    bytes: readFileSync(path, 'base64'),
  };
}

function refuses(program: string): void {
  expect(() => execFileSync(program, ['--version'], { stdio: 'pipe' })).toThrow(/GLIBC_2\.38/);
}

async function scanned(desk: Desk): Promise<ScanOutcome> {
  const pipeline = createPipeline(desk.machine);
  return must(await pipeline.scan({ programs: [] }, recordingJob().job));
}

async function planned(desk: Desk, choices: Record<string, string> = {}): Promise<Plan> {
  const scan = await scanned(desk);
  const finding = scan.report.findings.find(({ affected }) => affected[0] === desk.git);
  const request = { finding: finding?.id ?? '', repair: null, choices };
  const review = await createPipeline(desk.machine).plan(scan, [request], recordingJob().job);
  return must(review).plan;
}

describe('a git that glibc refuses, named in the settings', () => {
  it('is found without being run, and nothing has changed after scan and plan (A4.3)', async () => {
    const desk = newDesk();
    const before = [facts(desk.git), facts(desk.settings)];
    const plan = await planned(desk);
    expect(plan.changes.map(({ kind }) => kind)).toEqual([
      'create-sandbox',
      'copy-tree',
      'edit-json',
    ]);
    expect([facts(desk.git), facts(desk.settings)]).toEqual(before);
    expect(readdirSync(desk.home).sort()).toEqual(['.config', 'opt']);
  });

  it('is repaired as a copy, proven, taken back to the byte, and redone', async () => {
    const desk = newDesk();
    const before = [facts(desk.git), facts(desk.settings)];
    const pipeline = createPipeline(desk.machine);
    const { job, events } = recordingJob();

    const outcome = must(await pipeline.apply(await planned(desk), job));
    expect(outcome).toMatchObject({ status: 'verified', failure: null });
    expect(outcome.verifications.map(({ output }) => output)).toContain('git version 1.2.3');
    const [, named] = /"git\.path": {3}"([^"]+)", \/\/ team build/.exec(
      readFileSync(desk.settings, 'utf8'),
    ) ?? ['', ''];
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(named ?? ''));
    expect(String(execFileSync(named ?? '', ['--version']))).toBe('git version 1.2.3\n');
    expect(facts(desk.git)).toEqual(before[0]);
    const commands = events.flatMap((event) =>
      event.type === 'output' && event.stream === 'command' ? [event.text] : [],
    );
    const patchelf = commands.filter((command) => command.includes('patchelf'));
    expect(patchelf[0]).toContain('--set-rpath');
    expect(patchelf[1]).toContain('--set-interpreter');

    const [entry] = must(await pipeline.history());
    const undone = must(await pipeline.undo(entry?.id ?? '', 'stop', recordingJob().job));
    expect(undone.failure).toBeNull();
    expect([facts(desk.git), facts(desk.settings)]).toEqual(before);
    expect(existsSync(named ?? '')).toBe(false);
    expect(existsSync(join(desk.home, '.local/share/devmend'))).toBe(false);
    refuses(desk.git);

    must(await pipeline.redo(entry?.id ?? '', recordingJob().job));
    expect(String(execFileSync(named ?? '', ['--version']))).toBe('git version 1.2.3\n');
  });

  it('is repaired in place, keeping mode and times as undo finds them', async () => {
    const desk = newDesk();
    const before = facts(desk.git);
    const pipeline = createPipeline(desk.machine);
    const plan = await planned(desk, { use: 'in-place' });
    must(await pipeline.apply(plan, recordingJob().job));
    expect(String(execFileSync(desk.git, ['--version']))).toBe('git version 1.2.3\n');
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));
    const [entry] = must(await pipeline.history());
    must(await pipeline.undo(entry?.id ?? '', 'stop', recordingJob().job));
    expect(facts(desk.git)).toEqual(before);
    refuses(desk.git);
  });

  it('hands its children nothing: no LD_ variable, and the host’s own libc', async () => {
    const desk = newDesk();
    must(
      await createPipeline(desk.machine).apply(
        await planned(desk, { use: 'in-place' }),
        recordingJob().job,
      ),
    );
    const shown = String(execFileSync(desk.git, ['--shell'], { env: { PATH: '/usr/bin:/bin' } }));
    expect(shown).not.toMatch(/^LD_/m);
    expect(shown).toContain('/usr/lib/x86_64-linux-gnu/libc.so.6');
    expect(shown).not.toContain('devmend/sandbox');
  });

  it('A3.6 a plan refuses once what it relied on has changed', async () => {
    const desk = newDesk();
    const plan = await planned(desk);
    writeFileSync(desk.settings, settingsText(desk.git).replace('true', 'false'));
    const answer = await createPipeline(desk.machine).apply(plan, recordingJob().job);
    expect(answer).toMatchObject({ ok: false, error: { code: 'plan-stale' } });
    expect(existsSync(join(desk.home, '.local/share/devmend/programs'))).toBe(false);
  });

  it('is found by its own name too, when the user adds it', async () => {
    const desk = newDesk();
    writeFileSync(desk.settings, '{}');
    const pipeline = createPipeline(desk.machine);
    const none = must(await pipeline.scan({ programs: [] }, recordingJob().job));
    expect(none.report.findings.filter(({ affected }) => affected[0] === desk.git)).toEqual([]);
    const { job, events } = recordingJob();
    const one = must(await pipeline.scan({ programs: [desk.git] }, job));
    expect(one.report.findings.map(({ affected }) => affected[0])).toContain(desk.git);
    expect(events.some((event) => event.type === 'finding')).toBe(true);
  });
});

it('a program that everybody starts is not pointed to a library that only one user can reach', async () => {
  const desk = newDesk();
  const open = mkdtempSync(join(tmpdir(), 'devmend-open-'));
  try {
    chmodSync(open, 0o755);
    const program = join(open, 'tool');
    copyFileSync(desk.git, program);
    const pipeline = createPipeline(desk.machine);
    const scan = must(await pipeline.scan({ programs: [program] }, recordingJob().job));
    const finding = scan.report.findings.find(({ affected }) => affected[0] === program);
    const plan = (choices: Record<string, string>) =>
      pipeline.plan(
        scan,
        [{ finding: finding?.id ?? '', repair: null, choices }],
        recordingJob().job,
      );
    expect(await plan({ use: 'in-place' })).toMatchObject({
      ok: false,
      error: { code: 'sandbox-unreachable' },
    });
    expect(await plan({ use: 'copy' })).toMatchObject({ ok: true });
    chmodSync(desk.home, 0o755);
    mkdirSync(join(desk.home, '.local/share'), { recursive: true, mode: 0o755 });
    const review = must(await plan({ use: 'in-place' }));
    must(await pipeline.apply(review.plan, recordingJob().job));
    const asNobody = { uid: 65534, gid: 65534, cwd: '/' };
    expect(String(execFileSync(program, ['--version'], asNobody))).toBe('git version 1.2.3\n');
  } finally {
    rmSync(open, { recursive: true });
  }
});
