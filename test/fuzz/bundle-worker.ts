import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the process that runs the readers, their libraries included: V8 counts blocks by
 * file, and those of a library count as well. Answers the path of the bundle.
 */
export async function bundleWorker(repository: string, directory: string): Promise<string> {
  const outfile = join(directory, 'fuzz-worker.mjs');
  await build({
    entryPoints: [join(repository, 'test/fuzz/worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // jsonc-parser's CommonJS cannot be bundled.
    mainFields: ['module', 'main'],
    // Signatures are checked by gpgv or by this library; no target is about it.
    external: ['openpgp'],
    banner: {
      js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}
