/**
 * Words that must not be in the repository: unfinished work, tests that do not run,
 * silenced linters, and host names that belong in a machine's configuration.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, run } from './console.mjs';

// The patterns are spelt so that this file does not contain what it looks for.
const everywhere = [
  [/\b(TO[D]O|FIX[M]E|XX[X])\b/, 'unfinished work'],
  [/\bregistry\.(npm|yarn)\w*\.\w+/, 'the registry is named by the machine’s npm configuration'],
  [/\bdebian\.(org|net)\b/, 'the mirror is named by the machine’s apt configuration'],
  [/@ts-(ignore|nocheck|expect-error)\b/, 'a silenced type checker'],
  [/\beslint-(disable|enable)\b|\bprettier-ignore\b|\bknip-ignore\b/, 'a silenced linter'],
];
const inTests = [[/\b(it|test|describe)\.(skip|only|todo|fixme)\b/, 'a test that does not run']];
const binary = /\.(png|ico|deb|gz|xz|zst|gpg|bin|elf|so|woff2?)$/;

const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
if (listed.code !== 0) throw new Error(listed.output);

let problems = 0;
for (const file of listed.stdout.split('\0')) {
  if (file === '' || binary.test(file) || file === 'package-lock.json') continue;
  let text;
  try {
    text = readFileSync(join(repository, file), 'utf8');
  } catch {
    continue; // removed from the work tree, or a dangling link of a fixture
  }
  const rules = file.startsWith('test/') ? [...everywhere, ...inTests] : everywhere;
  text.split('\n').forEach((line, index) => {
    for (const [pattern, reason] of rules) {
      if (!pattern.test(line)) continue;
      problems += 1;
      console.log(`${file}:${index + 1}: ${reason}: ${line.trim().slice(0, 100)}`);
    }
  });
}
process.exitCode = problems === 0 ? 0 : 1;
