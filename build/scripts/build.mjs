// Bundles Devmend into dist/: `node build/scripts/build.mjs [cli main preload engine-worker renderer]`.
import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = join(root, 'dist');

/** Everything runs on Electron 25 (Node 18.15, Chromium 114) and up. */
const bundles = {
  cli: { entry: 'electron/cli/main.ts', external: ['node-pty'], banner: '#!/usr/bin/env node' },
  main: { entry: 'electron/main/main.ts', external: ['electron', 'node-pty'] },
  preload: { entry: 'electron/preload/preload.ts', external: ['electron'], sandboxed: true },
  'engine-worker': { entry: 'electron/main/engine-worker.ts', external: [] },
};

/** Libraries written as ES modules ask for their own address, which CommonJS has no word for. */
const IMPORT_META_URL = "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;";

/** Names of the contract for the preload script, which is to stay small: the schemas are left out. */
async function contractNames() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['shared/contract.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { contract } = await import(`data:text/javascript;base64,${code}`);
  const names = (kind) =>
    JSON.stringify(Object.keys(contract).filter((name) => contract[name].kind === kind));
  return { CONTRACT_CALLS: names('call'), CONTRACT_STREAMS: names('stream') };
}

/**
 * Bundles one part into a file: dist/<part>.js, or another place for a test.
 *
 * @param {keyof typeof bundles} name
 * @param {string} [outfile]
 */
export async function bundle(name, outfile = join(dist, `${name}.js`)) {
  const { entry, external, banner = '', sandboxed = false } = bundles[name];
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node18.15',
    format: 'cjs',
    // jsonc-parser's CommonJS build cannot be bundled (its requires are hidden), its ES modules can.
    mainFields: ['module', 'main'],
    external,
    minifySyntax: true,
    // Names stay, for the log; what goes is only what a start would have to read past.
    minifyWhitespace: true,
    legalComments: 'linked',
    sourcemap: false,
    logLevel: 'warning',
    // Becomes require(): Electron 25 cannot import() from an archive.
    supported: { 'dynamic-import': false },
    define: sandboxed ? await contractNames() : { 'import.meta.url': 'importMetaUrl' },
    banner: { js: sandboxed ? banner : [banner, IMPORT_META_URL].filter(Boolean).join('\n') },
  });
}

async function renderer() {
  const vite = await import('vite');
  await vite.build({
    configFile: join(root, 'build/vite.renderer.config.ts'),
    logLevel: 'warn',
  });
}

/**
 * Builds the named parts, or all of them.
 *
 * @param {readonly string[]} [names]
 */
export async function buildParts(names = []) {
  const all = [...Object.keys(bundles), 'renderer'];
  const wanted = names.length > 0 ? names : all;
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Error(`Unknown part ${unknown[0]}; there are: ${all.join(', ')}`);
  await mkdir(dist, { recursive: true });
  // The repository is "type": "module"; what lies in dist/ is CommonJS, which Electron 25 needs.
  await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  for (const name of wanted) await (name === 'renderer' ? renderer() : bundle(name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await buildParts(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
