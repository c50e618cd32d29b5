import { join } from 'node:path';
import { repository, run } from './console.mjs';

/**
 * The sonames that a program needs and this machine lacks. Asked of Devmend's own
 * loader simulation: nothing is run to find out.
 */
export async function missingLibraries(program) {
  const { code, stdout, output } = await run(process.execPath, [
    join(repository, 'dist/cli.js'),
    'deps',
    program,
    '--json',
  ]);
  // 1 is “would not start”, with the report on stdout all the same.
  if (code !== 0 && code !== 1) throw new Error(output.trim());
  return JSON.parse(stdout).missing.map(({ soname }) => soname);
}
