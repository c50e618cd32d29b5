/**
 * `npm test`: sets up what the tests need, builds, runs every suite and counts.
 * `npm test -- unit e2e` runs some of them. The last line is always
 * `N passed, N failed, N skipped` over everything that ran.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDevmend } from './build-once.mjs';
import { buildNativeModule, installDependencies } from './dependencies.mjs';
import { repository, runHere, say, tool } from './console.mjs';
import {
  compilerPackages,
  installPackages,
  missingPackages,
  packagesOf,
  repairPackages,
  testPackages,
} from './system-packages.mjs';

const results = join(repository, 'artifacts/test');

/** In the order they run: what answers soonest comes first. */
const suites = {
  check: () => checks(),
  unit: () => vitest('unit', 'vitest.config.ts'),
  e2e: () => vitest('e2e', 'vitest.e2e.config.ts'),
  package: () => vitest('package', 'vitest.package.config.ts'),
};

/** Types, lint, format, walls, unused code, texts and words: each counts as one test. */
async function checks() {
  const { runChecks } = await import('./check.mjs');
  const answers = await runChecks();
  return {
    passed: answers.filter(({ passed }) => passed).length,
    failed: answers.filter(({ passed }) => !passed).map(({ name }) => `check ${name}`),
    skipped: [],
  };
}

/** One vitest configuration; a suite that leaves no result, or tests nothing, has failed. */
async function vitest(name, configuration) {
  const file = join(results, `${name}.json`);
  rmSync(file, { force: true });
  const code = await runHere(
    process.execPath,
    [
      tool('vitest/vitest.mjs'),
      'run',
      '--config',
      configuration,
      '--reporter=default',
      '--reporter=./build/scripts/count-reporter.mjs',
    ],
    { env: { ...process.env, DEVMEND_COUNTS: file, NO_COLOR: '1' } },
  );
  if (!existsSync(file)) return { passed: 0, failed: [`${name} left no result`], skipped: [] };
  const counts = JSON.parse(readFileSync(file, 'utf8'));
  if (counts.passed + counts.failed.length + counts.skipped.length === 0)
    counts.failed.push(`${name} ran no test`);
  if (code !== 0 && counts.failed.length === 0)
    counts.failed.push(`${name} ended with exit code ${code}`);
  return counts;
}

/** The libraries that the Electron runtime lacks here, by Devmend's own loader simulation. */
async function installRuntimeLibraries() {
  const { resolveRuntime } = await import('./electron-runtime.mjs');
  const { missingLibraries } = await import('./missing-libraries.mjs');
  const runtime = await resolveRuntime({ warn: say });
  const { names } = await packagesOf(await missingLibraries(runtime.executable));
  return installPackages(names, 'The window');
}

function report(outcomes) {
  say('');
  for (const [name, { passed, failed, skipped }] of outcomes) {
    say(`${name}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
    for (const { test, reason } of skipped) say(`  skipped: ${test} (${reason})`);
    for (const test of failed) say(`  FAILED: ${test}`);
  }
  const sum = (count) => outcomes.reduce((total, [, outcome]) => total + count(outcome), 0);
  const failed = sum((one) => one.failed.length);
  const passed = sum((one) => one.passed);
  say(`${passed} passed, ${failed} failed, ${sum((one) => one.skipped.length)} skipped`);
  return failed === 0 && passed > 0;
}

/** What has to be there before a test can run; answers a failure to report, or null. */
async function prepare(wanted) {
  await installDependencies();
  const missing = await missingPackages([...repairPackages, ...compilerPackages, ...testPackages]);
  if (!(await installPackages(missing, 'The test suite')))
    return 'setup: system packages are missing';
  await buildNativeModule();
  await buildDevmend();
  if (wanted.some((name) => name === 'e2e' || name === 'package'))
    if (!(await installRuntimeLibraries())) return 'setup: libraries of the window are missing';
  return null;
}

const asked = process.argv.slice(2);
const wanted = asked.length > 0 ? asked : Object.keys(suites);
const unknown = wanted.filter((name) => suites[name] === undefined);
if (unknown.length > 0) {
  say(
    `There is no suite called ${unknown.join(', ')}. There are: ${Object.keys(suites).join(', ')}.`,
  );
  process.exit(2);
}

const outcomes = [];
const fail = (name, reason) => outcomes.push([name, { passed: 0, failed: [reason], skipped: [] }]);
try {
  mkdirSync(results, { recursive: true });
  const problem = await prepare(wanted);
  if (problem !== null) fail('setup', problem);
} catch (error) {
  fail('setup', error instanceof Error ? error.message : String(error));
}
for (const name of outcomes.length === 0 ? wanted : []) {
  say(`\n${name}`);
  try {
    outcomes.push([name, await suites[name]()]);
  } catch (error) {
    fail(name, error instanceof Error ? error.message : String(error));
  }
}
process.exitCode = report(outcomes) ? 0 : 1;
