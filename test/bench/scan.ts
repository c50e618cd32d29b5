import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipeline } from '../../electron/engine/create-pipeline.ts';
import { hostMachine } from '../../electron/engine/host.ts';
import { snapshotSchema } from '../../shared/snapshot.ts';
import { makeEditorHome } from '../fixtures/editor-home.ts';
import { buildNewerProgram } from '../fixtures/needs-newer-glibc.ts';
import { costOf, median, type Cost } from './measure.ts';
import type { BenchRow } from './row.ts';

const devmend = join(process.cwd(), 'dist/cli.js');
const rounds = 5;

/**
 * `devmend scan` of a machine with VS Code and Go as a whole process, and how it grows with
 * what it examines.
 */
export async function scanBenches(): Promise<readonly BenchRow[]> {
  const home = await mkdtemp(join(tmpdir(), 'devmend-bench-home-'));
  try {
    await makeEditorHome(home);
    const found = await whatIsThere(home);
    const whole: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) whole.push(await scan(['--home', home]));
    const seconds = median(whole.map((cost) => cost.seconds));
    const megabytes = median(whole.map((cost) => cost.peakBytes)) / 2 ** 20;
    return [
      againstLimit(`scan of a machine with ${found}, whole process`, seconds, 1.5),
      againstLimit('the same, peak memory', megabytes, 200, 'MB'),
      againstLimit('first finding, from the start of the process', await firstFinding(home), 0.5),
      ...(await growth()),
    ];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** What the scan has to deal with, in words; throws where it did not find what was laid out. */
async function whatIsThere(home: string): Promise<string> {
  const file = join(home, 'snapshot.json');
  await costOf(process.execPath, [devmend, 'scan', '--home', home, '--save-snapshot', file]);
  const { probes } = snapshotSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const editors = probes.editors.data?.editors.length ?? 0;
  const modules = probes.components.data?.components.length ?? 0;
  const tools = probes['go-tools'].data?.tools.map(({ name }) => name) ?? [];
  if (editors < 2 || modules === 0 || !tools.includes('go'))
    throw new Error(`the scan found ${editors} editors, ${modules} components, ${tools.join()}`);
  await rm(file);
  return `VS Code twice (${modules} components) and Go`;
}

function scan(options: readonly string[]): Promise<Cost> {
  return costOf(process.execPath, [devmend, 'scan', '--json', ...options]);
}

/** The start of the program, and then the engine until it tells the first finding. */
async function firstFinding(home: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'devmend-bench-'));
  try {
    const program = join(directory, 'newer');
    buildNewerProgram(program, 'newer');
    const starts: number[] = [];
    const told: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      starts.push((await costOf(process.execPath, [devmend, '--version'])).seconds);
      told.push(await secondsUntilTold(home, program));
    }
    return median(starts) + median(told);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function secondsUntilTold(home: string, program: string): Promise<number> {
  const started = performance.now();
  let first: number | null = null;
  await createPipeline(hostMachine({ home })).scan(
    { programs: [program] },
    {
      emit: (event) => {
        if (event.type === 'finding') first ??= (performance.now() - started) / 1000;
      },
      signal: new AbortController().signal,
    },
  );
  if (first === null) throw new Error('no finding was told');
  return first;
}

function againstLimit(name: string, ours: number, limit: number, unit?: 'MB'): BenchRow {
  const row = { name, ours, reference: limit, referenceName: 'limit', ratio: ours / limit };
  return { ...row, budget: 1, ...(unit === undefined ? {} : { unit }) };
}

/** 1×, 4× and 16× as many programs: each is a file of its own, so that nothing is read only once. */
async function growth(): Promise<readonly BenchRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'devmend-bench-'));
  try {
    const base = await secondsFor([]);
    const programs = await copies(directory, 32 * 16);
    const once = (await secondsFor(programs.slice(0, 32))) - base;
    const rows: BenchRow[] = [];
    for (const times of [4, 16]) {
      const took = (await secondsFor(programs.slice(0, 32 * times))) - base;
      rows.push({
        name: `scan of ${32 * times} more programs`,
        ours: took,
        reference: once * times,
        referenceName: `${times} × 32 more programs`,
        ratio: took / (once * times),
        budget: 1.25,
      });
    }
    return rows;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function secondsFor(programs: readonly string[]): Promise<number> {
  const taken: number[] = [];
  const named = programs.flatMap((path) => ['--program', path]);
  for (let round = 0; round < 3; round += 1) taken.push((await scan(named)).seconds);
  return median(taken);
}

/** Copies of small programs of this machine, over and over until there are enough. */
async function copies(directory: string, count: number): Promise<readonly string[]> {
  const names = (await readdir('/usr/bin')).filter((name) => /^(c|m|s|t)[a-z]+$/.test(name));
  const made: string[] = [];
  for (let index = 0; made.length < count; index += 1) {
    const from = join('/usr/bin', names[index % names.length] ?? 'true');
    const to = join(directory, `program-${made.length}`);
    await copyFile(from, to);
    made.push(to);
  }
  return made;
}
