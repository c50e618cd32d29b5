import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './console.mjs';

/** What CommonJS inside an ES module asks for. */
const createsRequire =
  "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);";

/**
 * Bundles a TypeScript file of the tests so that plain Node can run it; packages stay outside.
 *
 * @param {string} entry
 * @param {string} outfile
 * @param {readonly import('esbuild').Plugin[]} [plugins]
 */
export async function bundleForNode(entry, outfile, plugins = []) {
  const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(repository, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Node cannot take the names out of this one's CommonJS; everything else stays outside.
    external: Object.keys(devDependencies).filter((name) => name !== 'xz-decompress'),
    banner: { js: createsRequire },
    plugins: [...plugins],
    logLevel: 'warning',
  });
}
