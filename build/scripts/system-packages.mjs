import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { confirm, interactive, repository, run, runHere, say } from './console.mjs';

const table = JSON.parse(readFileSync(join(repository, 'build/system-packages.json'), 'utf8'));

/** Packages that Devmend's own repairs need (patchelf). */
export const repairPackages = Object.keys(table.tools.repair);

/** Packages that the test-suite needs beside those of {@link repairPackages}. */
export const testPackages = Object.keys(table.tools.test);

/** Packages that compile a native module. */
export const compilerPackages = Object.keys(table.tools.compile);

/** Whether a program of this name is on PATH. */
export function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((directory) => directory !== '' && existsSync(join(directory, program)));
}

/** Whether this machine installs software with apt. */
const hasApt = () => onPath('apt-get') && onPath('dpkg-query');

/** Which of the packages are not installed, in the order given. */
export async function missingPackages(names) {
  if (names.length === 0 || !hasApt()) return [];
  const { stdout } = await run('dpkg-query', [
    '-W',
    '-f',
    '${Package} ${db:Status-Abbrev}\n',
    ...names,
  ]);
  const installed = new Set(
    stdout.split('\n').flatMap((line) => (/ ii\s*$/.test(line) ? [line.split(' ')[0]] : [])),
  );
  return names.filter((name) => !installed.has(name));
}

/**
 * The packages that bring these libraries. A soname that is not in the table comes
 * back in `unknown`: it is named to the user as it is.
 */
export async function packagesOf(sonames) {
  const known = sonames.filter((soname) => table.libraries[soname] !== undefined);
  const names = [];
  for (const soname of known) names.push(await offered(table.libraries[soname]));
  return {
    names: [...new Set(names)].sort(),
    unknown: sonames.filter((soname) => table.libraries[soname] === undefined),
  };
}

/** The first of several names for one package that the machine's package lists know. */
async function offered(names) {
  if (names.length === 1 || !hasApt()) return names[0];
  for (const name of names) {
    const { stdout } = await run('apt-cache', ['show', '--no-all-versions', name]);
    if (stdout.includes(`Package: ${name}\n`)) return name;
  }
  return names[0];
}

/**
 * Installs packages: after a question on a terminal, without one only as root.
 * Answers whether they are there now; says why when they are not.
 */
export async function installPackages(names, purpose) {
  if (names.length === 0) return true;
  const root = process.getuid() === 0;
  const command = `${root ? '' : 'sudo '}apt-get install ${names.join(' ')}`;
  const list = `${purpose} needs ${names.length === 1 ? 'this system package' : 'these system packages'}: ${names.join(', ')}.`;
  if (!hasApt()) {
    say(`${list} Install them with your distribution's package manager, then start again.`);
    return false;
  }
  const sudo = !root && onPath('sudo');
  if (!root && !(interactive && sudo)) {
    say(`${list} Install them with “${command}”, then start again.`);
    return false;
  }
  say(list);
  if (interactive && !(await confirm('Install them now?'))) {
    say(`Nothing was installed. Later: ${command}`);
    return false;
  }
  return apt(names, sudo);
}

/** apt-get with nothing to ask and nothing to say unless it fails. */
async function apt(names, sudo) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0'];
  const call = (args) =>
    sudo
      ? runHere('sudo', ['apt-get', ...args]).then((code) => ({ code, output: '' }))
      : run('apt-get', args, { env });
  say('Reading the package lists …');
  const update = await call(['-qq', 'update']);
  say(`Installing ${names.length} ${names.length === 1 ? 'package' : 'packages'} …`);
  const { code, output } = await call([...quiet, 'install', ...names]);
  if (code === 0) return true;
  say(`${update.output}${output}`.trimEnd());
  say(
    'apt-get could not install them. The lines above are its own; mend what they say, then start again.',
  );
  return false;
}
