/**
 * Everything a contributor needs to know before pushing, except the tests:
 * `npm run check`, or `npm run check -- types lint` for some of it.
 */
import { availableParallelism } from 'node:os';
import { isProgram, repository, run, say, tool } from './console.mjs';

/** Each part: what it answers, and the program that answers it. */
const parts = [
  ['types', 'TypeScript, strict', tool('typescript/bin/tsc'), ['-p', '.']],
  [
    'lint',
    'ESLint with type-aware rules, no warning',
    tool('eslint/bin/eslint.js'),
    ['-c', 'build/eslint.config.mjs', '--max-warnings', '0', '.'],
  ],
  [
    'format',
    'Prettier',
    tool('prettier/bin/prettier.cjs'),
    ['--check', '--log-level', 'warn', '.'],
  ],
  [
    'walls',
    'who may import whom',
    tool('dependency-cruiser/bin/dependency-cruise.mjs'),
    ['--config', '.dependency-cruiser.cjs', 'electron', 'renderer', 'shared'],
  ],
  ['unused', 'code, exports and packages that nothing uses', tool('knip/bin/knip.js'), []],
  [
    'catalogs',
    'texts in step with the code and each other',
    'build/scripts/check-catalogs.mjs',
    [],
  ],
  [
    'campaign',
    'every kind of change and everything that writes is in the crash campaign',
    'build/scripts/check-campaign.mjs',
    [],
  ],
  ['words', 'nothing unfinished, silenced or out of place', 'build/scripts/check-words.mjs', []],
];

/**
 * Runs the parts, two at a time, and prints a line for each.
 * Answers one `{name, passed}` a part, in order.
 */
export async function runChecks(names = []) {
  const unknown = names.filter((name) => !parts.some(([part]) => part === name));
  if (unknown.length > 0) throw new Error(`There is no check called ${unknown.join(', ')}.`);
  const wanted = parts.filter(([name]) => names.length === 0 || names.includes(name));
  const answers = new Array(wanted.length);
  let next = 0;
  const lane = async () => {
    while (next < wanted.length) {
      const index = next++;
      answers[index] = await runPart(wanted[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return answers;
}

async function runPart([name, question, file, args]) {
  const started = performance.now();
  const { code, output } = await run(process.execPath, [file, ...args], { cwd: repository });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`  ${code === 0 ? 'passed' : 'FAILED'}  ${name} (${question}), ${seconds} s`);
  if (code !== 0) say(output.trimEnd().replace(/^/gm, '    '));
  return { name, passed: code === 0 };
}

if (isProgram(import.meta.url)) {
  const answers = await runChecks(process.argv.slice(2));
  process.exitCode = answers.every(({ passed }) => passed) ? 0 : 1;
}
