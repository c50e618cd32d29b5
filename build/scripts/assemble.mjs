// Makes a runnable app directory of the runtime and the bundled app, in its packaged form:
// `node build/scripts/assemble.mjs [app|e2e]`. Needs `npm run build` first.
import { createPackageWithOptions } from '@electron/asar';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endToEndFuses, fuses } from '../fuses.mjs';
import { resolveRuntime } from './electron-runtime.mjs';
import { setFuses } from './fuses.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = join(root, 'dist');

/** Desktop file, StartupWMClass and AppStream id (without `.desktop`). */
export const APPLICATION_ID = 'io.github.devmend.Devmend';

/** The two forms; they differ in the inspect fuse only (a test holds that). */
const variants = {
  app: { directory: join(dist, 'app'), fuses },
  e2e: { directory: join(dist, 'app-e2e'), fuses: endToEndFuses },
};

/**
 * Lays out what goes into app.asar: the bundles, the window, node-pty, and a
 * package.json that says which is which. electron-builder packs the same directory.
 *
 * @param {string} directory made anew
 */
export async function stageApp(directory) {
  await fs.rm(directory, { recursive: true, force: true });
  await fs.mkdir(directory, { recursive: true });
  for (const name of ['main.js', 'preload.js', 'engine-worker.js', 'renderer']) {
    await fs.cp(join(dist, name), join(directory, name), { recursive: true });
  }
  // Notices of the libraries inside the bundles; esbuild writes them beside those that have any.
  for (const name of (await fs.readdir(dist)).filter((entry) => entry.endsWith('.LEGAL.txt'))) {
    if (!name.startsWith('cli')) await fs.copyFile(join(dist, name), join(directory, name));
  }
  await fs.copyFile(join(root, 'build/icons/256.png'), join(directory, 'icon.png'));
  await stageNodePty(join(directory, 'node_modules/node-pty'));
  const manifest = JSON.parse(await fs.readFile(join(root, 'package.json'), 'utf8'));
  await fs.writeFile(
    join(directory, 'package.json'),
    `${JSON.stringify(
      {
        name: manifest.name,
        productName: 'Devmend',
        version: manifest.version,
        description: manifest.description,
        author: manifest.author,
        license: manifest.license,
        desktopName: `${APPLICATION_ID}.desktop`,
        main: 'main.js',
        dependencies: manifest.dependencies,
      },
      null,
      2,
    )}\n`,
  );
}

/** What of node-pty runs on Linux: its JavaScript and its one native file. */
async function stageNodePty(directory) {
  const from = join(root, 'node_modules/node-pty');
  for (const name of ['package.json', 'LICENSE', 'build/Release/pty.node']) {
    await fs.mkdir(dirname(join(directory, name)), { recursive: true });
    await fs.copyFile(join(from, name), join(directory, name));
  }
  await fs.cp(join(from, 'lib'), join(directory, 'lib'), {
    recursive: true,
    filter: (source) => !/\.(map|test\.js)$/.test(source) && !/[/\\]worker$/.test(source),
  });
}

/**
 * Assembles an app directory and answers where it is. The runtime's files are
 * linked where the file system can, all but the executable: its fuses are written.
 *
 * @param {{ runtime?: { directory: string }, variant?: keyof typeof variants }} [options]
 * @returns {Promise<{ directory: string, executable: string }>}
 */
export async function assemble({ runtime, variant = 'app' } = {}) {
  const { directory, fuses: wanted } = variants[variant];
  const { directory: from } = runtime ?? (await resolveRuntime());
  const work = await fs.mkdtemp(join(dist, 'assemble-'));
  try {
    const target = join(work, 'app');
    await copyRuntime(from, target);
    const executable = join(target, 'devmend');
    await fs.copyFile(join(from, 'electron'), executable, constants.COPYFILE_FICLONE);
    await fs.chmod(executable, 0o755);
    await setFuses(executable, wanted);
    const stage = join(work, 'stage');
    await stageApp(stage);
    await createPackageWithOptions(stage, join(target, 'resources/app.asar'), {
      unpack: '**/*.node',
    });
    await fs.rm(directory, { recursive: true, force: true });
    await fs.rename(target, directory);
    return { directory, executable: join(directory, 'devmend') };
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

async function copyRuntime(from, to) {
  await fs.mkdir(to, { recursive: true });
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      if (entry.name !== 'app' && entry.name !== 'default_app.asar')
        await copyRuntime(source, target);
    } else if (!['electron', 'default_app.asar', 'app.asar'].includes(entry.name)) {
      await linkOrCopy(source, target);
    }
  }
}

async function linkOrCopy(source, target) {
  try {
    await fs.link(source, target);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'EACCES'].includes(error.code)) throw error;
    await fs.copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { executable } = await assemble({ variant: process.argv[2] ?? 'app' });
    process.stdout.write(`${executable}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
