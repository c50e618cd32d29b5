/**
 * `npm run crash`: interrupts every kind of repair at every system call that changes a
 * file system, recovers, and looks for what was lost (docs/journal.md). Needs root.
 * `npm run crash -- --scenario settings --operation undo --fault power --point 12` tries
 * one point; lists are separated by commas, `--most 5` takes five points of each, and
 * `--part 3/8` the third of eight parts that together are everything.
 */
import { join } from 'node:path';
import { bundleForNode } from './bundle-for-node.mjs';
import { installDependencies } from './dependencies.mjs';
import { repository, runHere, say } from './console.mjs';
import {
  compilerPackages,
  installPackages,
  missingPackages,
  repairPackages,
  testPackages,
} from './system-packages.mjs';

await installDependencies();
const missing = await missingPackages([...repairPackages, ...compilerPackages, ...testPackages]);
if (!(await installPackages(missing, 'The crash campaign'))) process.exit(1);
if (process.getuid?.() !== 0) {
  say('The crash campaign mounts file systems and cuts their power: start it as root.');
  process.exit(1);
}

/** The judge reads attributes with a process that stays (test/crash/attributes.ts). */
const attributes = {
  name: 'attributes',
  setup({ onResolve }) {
    const own = join(repository, 'test/crash/attributes.ts');
    const engines = join(repository, 'electron/engine/journal/attributes.ts');
    onResolve({ filter: /\/attributes\.ts$/ }, ({ path, importer, resolveDir }) =>
      importer !== own && join(resolveDir, path) === engines ? { path: own } : null,
    );
  },
};

const program = join(repository, 'artifacts/crash/campaign.mjs');
await bundleForNode('test/crash/main.ts', program, [attributes]);
process.exitCode = await runHere(process.execPath, [program, ...process.argv.slice(2)]);
