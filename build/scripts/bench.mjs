/**
 * `npm run bench`: runs every file of test/bench and writes docs/benchmarks.md. Each row
 * is measured beside its reference in the same run; ratios travel between machines,
 * seconds do not. `npm run bench -- scan` runs one file and writes nothing.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildDevmend } from './build-once.mjs';
import { repository, run, say } from './console.mjs';
import { installDependencies } from './dependencies.mjs';
import { installPackages, missingPackages, repairPackages } from './system-packages.mjs';

/** What is measured against, as Debian packages. */
const references = ['libtree', 'pax-utils', 'time'];

/** What CommonJS inside an ES module asks for. */
const createsRequire =
  "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);";

/** Bundles one file of test/bench and answers what it exports. */
async function load(area) {
  const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  const { build } = await import('esbuild');
  // As deep as test/e2e/harness, whose files find the repository from where they lie.
  const outfile = join(repository, 'artifacts/bench/bundle', `${area}.mjs`);
  await build({
    entryPoints: [join(repository, 'test/bench', `${area}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Node cannot take the names out of this one's CommonJS; everything else stays outside.
    external: Object.keys(devDependencies).filter((name) => name !== 'xz-decompress'),
    banner: { js: createsRequire },
    logLevel: 'warning',
  });
  return await import(pathToFileURL(outfile).href);
}

async function rowsOf(area) {
  const module = await load(area);
  const [, provider] = Object.entries(module).find(([name]) => name.endsWith('Benches')) ?? [];
  if (provider === undefined) throw new Error(`test/bench/${area}.ts exports no …Benches().`);
  return provider();
}

async function areas() {
  const files = await readdir(join(repository, 'test/bench'));
  return files
    .filter(
      (file) => file.endsWith('.ts') && !['row.ts', 'measure.ts', 'breakdown.ts'].includes(file),
    )
    .map((file) => basename(file, '.ts'))
    .sort();
}

const cell = (text) => String(text).replaceAll('|', '\\|');

const amount = (value, unit) =>
  Number.isInteger(value) && unit === 'pictures'
    ? `${value} ${unit}`
    : `${value.toFixed(value < 10 ? 3 : 1)} ${unit}`;

function line({ name, ours, reference, referenceName, ratio, budget, unit = 's' }) {
  const cells = [
    name,
    amount(ours, unit),
    `${amount(reference, unit)} (${referenceName})`,
    ratio.toFixed(2),
    `≤ ${budget}`,
    ratio <= budget ? 'within' : '**over**',
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Where the time goes, as shares of the processor's samples. */
function whereTimeGoes(breakdowns) {
  return [
    '## Where the time goes',
    '',
    'Shares of the samples of V8’s profiler, counted where the time is spent and not with the',
    'callers; the parts below 1 % are left out. Warm cache, one thread.',
    '',
    ...breakdowns.flatMap(({ work, parts }) => [
      `- ${work}: ` +
        parts.map(({ part, share }) => `${part} ${Math.round(share * 100)} %`).join(', '),
    ]),
    '',
  ];
}

async function page(rows, breakdowns) {
  const { stdout: commit } = await run('git', ['rev-parse', '--short', 'HEAD']);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. A ratio is ours divided by the reference, both',
    'measured in the same run; a budget is the largest ratio that is accepted. Rows about reading ELF',
    'files and simulating the loader show the least of 15 runs (of `readelf`, `ldd` and `ld.so` the only',
    'one), all others the median of several. In those rows the reference is a whole process, or one each,',
    'and ours is the engine in a process that has started and is warm: `devmend elf` as a process of its',
    'own takes longer, and reads in one thread: below some thousands of files a second one, which has to',
    'load the program first, would not have started before the first is done.',
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)}, commit ${commit.trim()}, Node ${process.version},`,
    `Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, ${memory}. Load average of the last`,
    `five minutes: ${loadavg()[1].toFixed(1)}; with more work than processors, what uses two of them is held up most.`,
    '',
    '| work | ours | reference | ratio | budget | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(line),
    '',
    ...whereTimeGoes(breakdowns),
  ].join('\n');
}

async function bench(only) {
  await installDependencies();
  const missing = await missingPackages([...references, ...repairPackages]);
  if (!(await installPackages(missing, 'The benchmark'))) return 1;
  await buildDevmend();
  await mkdir(join(repository, 'artifacts/bench'), { recursive: true });
  const rows = [];
  for (const area of only.length > 0 ? only : await areas()) {
    say(`Measuring ${area} …`);
    const found = await rowsOf(area);
    for (const row of found) say(`  ${line(row)}`);
    rows.push(...found);
  }
  if (only.length === 0) {
    const { format } = await import('prettier');
    const { breakdowns } = await load('breakdown');
    const text = await page(rows, breakdowns());
    const file = join(repository, 'docs/benchmarks.md');
    await writeFile(file, await format(text, { parser: 'markdown', printWidth: 100 }));
    say(`Written to ${file}.`);
  }
  return rows.every(({ ratio, budget }) => ratio <= budget) ? 0 : 1;
}

try {
  process.exitCode = await bench(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
