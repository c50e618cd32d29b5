import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, run, say } from './console.mjs';

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
