import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveRuntime } from '../../build/scripts/electron-runtime.mjs';
import { createPipeline } from '../../electron/engine/create-pipeline.ts';
import { hostMachine } from '../../electron/engine/host.ts';
import type { Pipeline } from '../../electron/engine/pipeline.ts';
import type { Result } from '../../shared/error.ts';
import type { Plan } from '../../shared/plan.ts';
import { recordingJob } from '../fixtures/desk.ts';
import { buildNewerLibrary, buildNewerProgram } from '../fixtures/needs-newer-glibc.ts';
import { testCacheDirectory } from '../fixtures/test-cache.ts';
import { median } from './measure.ts';
import type { BenchRow } from './row.ts';

const rounds = 5;

/**
 * The repair of a 160 MB Electron as a patched copy (before-images, journal, copy,
 * patchelf, checks, trial run, verification) beside `cp -a` of the same tree plus the
 * two bare patchelf runs. The sandbox is there already in both; caches are warm.
 */
export async function repairBenches(): Promise<readonly BenchRow[]> {
  const home = mkdtempSync(join(tmpdir(), 'devmend-bench-'));
  try {
    const machine = hostMachine({
      environment: { ...process.env, HOME: home, XDG_CACHE_HOME: testCacheDirectory() },
    });
    const pipeline = createPipeline(machine);
    await makeSandbox(pipeline, home);
    const tree = await layElectron(home);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const plan = await planFor(pipeline, join(tree, 'code'));
      bare.push(copyAndPatch(plan, join(home, 'bare')));
      const started = performance.now();
      const outcome = must(await pipeline.apply(plan, recordingJob().job));
      ours.push((performance.now() - started) / 1000);
      if (outcome.status !== 'verified') throw new Error(JSON.stringify(outcome.failure));
      must(await pipeline.undo(outcome.id, 'stop', recordingJob().job));
    }
    // The disk's own mood changes from round to round; the two of a round share it.
    const ratio = median(ours.map((seconds, round) => seconds / (bare[round] ?? seconds)));
    const [took, reference] = [median(ours), median(bare)];
    return [
      {
        name: 'repair of a 160 MB program as a patched copy',
        ours: took,
        reference,
        referenceName: 'cp -a and two patchelf runs',
        ratio,
        budget: 1.5,
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function must<T>(answer: Result<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
}

async function planFor(pipeline: Pipeline, program: string): Promise<Plan> {
  const scan = must(await pipeline.scan({ programs: [program] }, recordingJob().job));
  const finding = scan.report.findings.find(({ affected }) => affected[0] === program);
  const request = { finding: finding?.id ?? '', repair: null, choices: {} };
  return must(await pipeline.plan(scan, [request], recordingJob().job)).plan;
}

async function makeSandbox(pipeline: Pipeline, home: string): Promise<void> {
  const small = join(home, 'small/bin/small');
  buildNewerProgram(small, 'small');
  must(await pipeline.apply(await planFor(pipeline, small), recordingJob().job));
}

async function layElectron(home: string): Promise<string> {
  const tree = join(home, 'VSCode-linux-x64');
  const runtime = await resolveRuntime({ warn: () => undefined });
  execFileSync('cp', ['-a', '-T', runtime.directory, tree]);
  renameSync(join(tree, 'electron'), join(tree, 'code'));
  mkdirSync(join(tree, 'resources/app'), { recursive: true });
  writeFileSync(join(tree, 'resources/app/package.json'), '{"name":"large"}');
  buildNewerLibrary(join(tree, 'libnewer.so'), 'libnewer.so');
  execFileSync('patchelf', ['--add-needed', 'libnewer.so', join(tree, 'libffmpeg.so')]);
  copyFileSync('/bin/true', join(tree, 'resources/app/true'));
  return tree;
}

/** Seconds for what nobody can leave out: the copy, and patchelf on what has to be patched. */
function copyAndPatch(plan: Plan, to: string): number {
  const change = plan.changes.find(({ kind }) => kind === 'copy-tree');
  if (change?.kind !== 'copy-tree') throw new Error('the plan copies nothing');
  const started = performance.now();
  execFileSync('cp', ['-a', '--reflink=auto', '-T', change.from, to]);
  for (const { path, interpreter, rpath } of change.patches) {
    const file = join(to, path);
    execFileSync('patchelf', ['--force-rpath', '--set-rpath', rpath.after.join(':'), file]);
    execFileSync('patchelf', ['--set-interpreter', interpreter.after, file]);
  }
  execFileSync('sync', ['-f', to]);
  const seconds = (performance.now() - started) / 1000;
  rmSync(to, { recursive: true });
  return seconds;
}
