import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleWorker } from './bundle-worker.ts';
import { runCampaign, type CampaignOptions } from './campaign.ts';
import type { Outcome } from './finding.ts';
import { describeFinding, readFind } from './finds.ts';
import { slopeOf } from './memory.ts';
import { prepareSeeds } from './seeds.ts';
import { targetNamed, targets } from './targets/registry.ts';

const USAGE = `npm run fuzz [-- OPTION…]
  --target NAME    one reader instead of all; may be repeated
  --seed N         the run to make (default: 20261123)
  --runs N         inputs for each target (default: each target's own number)
  --jobs N         targets at the same time (default: the number of processors)
  --replay FILE    one input that was found, once more
Targets: ${targets.map(({ name }) => name).join(', ')}
`;

/** No input may take more processor time than this, in milliseconds. */
const SLOW_MS = 100;

/** `npm run fuzz`: answers the exit status; 1 when anything was found. */
export async function fuzz(
  repository: string,
  args: readonly string[],
  print: (text: string) => void,
): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string', multiple: true },
      seed: { type: 'string', default: '20261123' },
      runs: { type: 'string' },
      jobs: { type: 'string' },
      replay: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return 0;
  }
  // Below the repository, where the library that is not bundled can be found.
  const worker = await bundleWorker(repository, join(repository, 'artifacts/fuzz'));
  const seeds = await prepareSeeds();
  try {
    const base = {
      seedDirectory: seeds.directory,
      seed: wholeNumber('--seed', values.seed),
      slowMs: SLOW_MS,
      endlessSeconds: 10,
      finds: join(repository, 'test/fuzz/finds'),
      coverage: true,
    };
    const wanted =
      values.replay === undefined
        ? (values.target ?? targets.map(({ name }) => name)).map((name): CampaignOptions => {
            const runs = values.runs ?? String(targetNamed(name).runs);
            return { ...base, target: name, runs: wholeNumber('--runs', runs) };
          })
        : [{ ...base, ...replayed(values.replay), finds: null, runs: 1 }];
    const jobs = wholeNumber('--jobs', values.jobs ?? String(availableParallelism()));
    const outcomes = await runAll(worker, wanted, jobs, print);
    print(table(outcomes));
    for (const finding of outcomes.flatMap((outcome) => outcome.findings))
      print(describeFinding(finding));
    return outcomes.some(({ findings }) => findings.length > 0) ? 1 : 0;
  } finally {
    seeds.remove();
  }
}

function replayed(file: string): Pick<CampaignOptions, 'target' | 'replay'> {
  const { target, seedName, bytes } = readFind(file);
  return { target, replay: { seedName, bytes } };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} takes a whole number, not ${text}.`);
  return Number(text);
}

async function runAll(
  worker: string,
  wanted: readonly CampaignOptions[],
  jobs: number,
  print: (text: string) => void,
): Promise<Outcome[]> {
  const outcomes = new Array<Outcome>(wanted.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < wanted.length; index = next++) {
      const options = wanted[index];
      if (options === undefined) return;
      const outcome = await runCampaign(worker, options);
      outcomes[index] = outcome;
      print(
        `${outcome.target}: ${outcome.inputs} inputs in ${outcome.seconds.toFixed(0)} s, ${outcome.findings.length} findings`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, lane));
  return outcomes;
}

const COLUMNS = [
  'target',
  'inputs',
  'findings',
  'slowest',
  'memory',
  'per input',
  'blocks',
  'corpus',
];

function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ target, inputs, findings, slowestMs, samples, blocks, corpus }) => [
    target,
    String(inputs),
    String(findings.length),
    `${slowestMs.toFixed(1)} ms`,
    `${megabytes(samples[0]?.bytes)} → ${megabytes(samples[samples.length - 1]?.bytes)} MB`,
    `${slopeOf(samples).toFixed(0)} B`,
    String(blocks),
    String(corpus),
  ]);
  const inputs = outcomes.reduce((sum, outcome) => sum + outcome.inputs, 0);
  const found = outcomes.reduce((sum, outcome) => sum + outcome.findings.length, 0);
  const slowest = Math.max(...outcomes.map(({ slowestMs }) => slowestMs));
  rows.push(['all', String(inputs), String(found), `${slowest.toFixed(1)} ms`, '', '', '', '']);
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(COLUMNS), ...rows.map(line)].join('\n');
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 2 ** 20).toFixed(1);
}
