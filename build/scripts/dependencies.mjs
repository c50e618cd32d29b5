import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository, run, say } from './console.mjs';
import { compilerPackages, installPackages, onPath } from './system-packages.mjs';

const readPackages = (file) =>
  JSON.parse(readFileSync(join(repository, file), 'utf8')).packages ?? {};

/**
 * Whether what is installed is what package-lock.json asks for. npm writes its own
 * record of the tree last, so an install that was cut short counts as missing.
 */
function upToDate() {
  const record = 'node_modules/.package-lock.json';
  if (!existsSync(join(repository, record))) return false;
  const installed = readPackages(record);
  return Object.entries(readPackages('package-lock.json')).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || installed[path]?.version === version,
  );
}

/** Installs the npm packages of the lock file where they are missing or outdated. */
export async function installDependencies() {
  if (upToDate()) return;
  say('Installing the npm packages that Devmend is built from …');
  const quiet = ['--loglevel=error', '--no-fund', '--no-audit', '--no-update-notifier'];
  const { code, output } = await run('npm', ['ci', ...quiet]);
  if (code !== 0) {
    say(output.trimEnd());
    throw new Error(
      'npm could not install the packages. Check the connection to the npm registry (npm ping), then try again.',
    );
  }
}

/**
 * Compiles node-pty, the one native module (the pseudo-terminal behind the window's
 * terminal). Answers false, having said why, where the tools for it are missing.
 */
export async function buildNativeModule() {
  if (existsSync(join(repository, 'node_modules/node-pty/build/Release/pty.node'))) return true;
  const tools = ['python3', 'make', 'g++'];
  const missing = tools.some((tool) => !onPath(tool)) ? compilerPackages : [];
  if (!(await installPackages(missing, 'The terminal in the window'))) return false;
  say('Compiling node-pty …');
  const { code, output } = await run(
    'npm',
    ['rebuild', 'node-pty', '--ignore-scripts=false', '--loglevel=error'],
    { env: { ...process.env, ...headers() } },
  );
  if (code === 0) return true;
  say(output.trimEnd());
  throw new Error('node-pty could not be compiled; the lines above are the compiler’s own.');
}

/** Node's own headers where they lie beside it, so that node-gyp need not download them. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}
