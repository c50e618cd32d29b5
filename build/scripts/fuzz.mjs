/**
 * `npm run fuzz`: runs every reader of foreign bytes on 200,000 mutated files
 * (test/fuzz/README.md). `npm run fuzz -- --target elf --seed 7 --runs 5000` for one.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleForNode } from './bundle-for-node.mjs';
import { repository, say } from './console.mjs';
import { installDependencies } from './dependencies.mjs';
import { installPackages, missingPackages, testPackages } from './system-packages.mjs';

try {
  await installDependencies();
  const ready = await installPackages(await missingPackages(testPackages), 'The fuzz run');
  const program = join(repository, 'artifacts/fuzz/main.mjs');
  await bundleForNode('test/fuzz/main.ts', program);
  const { fuzz } = await import(pathToFileURL(program).href);
  process.exitCode = ready ? await fuzz(repository, process.argv.slice(2), say) : 1;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
