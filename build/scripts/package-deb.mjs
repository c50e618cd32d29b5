/**
 * `npm run package`: builds `artifacts/devmend_<version>_<architecture>.deb` from
 * electron-builder's `dir` output with the system's own dpkg-deb. With the same
 * sources, runtime and SOURCE_DATE_EPOCH the package is the same to the byte.
 */
import {
  lutimes,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
  copyFile,
  mkdir,
  chmod,
} from 'node:fs/promises';
import { join } from 'node:path';
import { buildDevmend } from './build-once.mjs';
import { isProgram, repository, run, say } from './console.mjs';
import { buildNativeModule, installDependencies } from './dependencies.mjs';

const architectures = { x64: 'amd64', arm64: 'arm64' };
const output = join(repository, 'artifacts/package');

/** What Devmend runs beside its own libraries; pkexec has another name before Debian 12. */
const programs = ['patchelf', 'pkexec | policykit-1'];

/** Node's own published binary: Debian's is a small program around a shared libnode. */
async function nodeToShip() {
  const { size } = await stat(process.execPath);
  if (size > 50 << 20) return process.execPath;
  throw new Error(
    `The package carries the Node that builds it, and ${process.execPath} depends on a shared libnode. Build with a Node from its own project (nodejs.org, nvm or NodeSource).`,
  );
}

async function sourceDate() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH);
  const { code, stdout } = await run('git', ['log', '-1', '--format=%ct']);
  return code === 0 ? Number(stdout) : Math.floor(Date.now() / 1000);
}

/** electron-builder's `dir` target, with the runtime that is at hand. */
async function packDirectory() {
  const { resolveRuntime } = await import('./electron-runtime.mjs');
  const { stageApp } = await import('./assemble.mjs');
  const runtime = await resolveRuntime({ warn: say });
  say('Packing the app …');
  await stageApp(join(repository, 'artifacts/package-app'));
  const { code, output: words } = await run(process.execPath, [
    join(repository, 'node_modules/electron-builder/cli.js'),
    '--linux',
    'dir',
    '--config',
    'build/electron-builder.config.mjs',
    `-c.electronDist=${runtime.directory}`,
    `-c.electronVersion=${runtime.version}`,
  ]);
  if (code !== 0) throw new Error(words.trimEnd());
  const name = process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`;
  return join(output, name);
}

async function control(root, { version, epoch }) {
  const { dependsOf } = await import('./package-depends.mjs');
  const depends = [...(await dependsOf(join(root, 'usr/lib/devmend'))), ...programs];
  const text = [
    'Package: devmend',
    `Version: ${version}`,
    `Architecture: ${architectures[process.arch]}`,
    'Maintainer: The Devmend authors <devmend@users.noreply.github.com>',
    `Installed-Size: ${Math.ceil((await sizeOf(join(root, 'usr'))) / 1024)}`,
    `Depends: ${depends.join(', ')}`,
    'Recommends: xdg-utils',
    'Section: devel',
    'Priority: optional',
    'Homepage: https://github.com/devmend/devmend',
    'Description: repair assistant for Go and VS Code environments',
    ' Devmend finds out why programs of a Go development environment do not start:',
    ' which symbol version is missing, in which file, through which chain of',
    ' libraries. It shows what it would change, changes it, proves that the program',
    ' now runs, and can take every change back.',
    '',
  ].join('\n');
  const directory = join(root, 'DEBIAN');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'control'), text);
  for (const script of ['postinst', 'postrm']) {
    await copyFile(join(repository, 'build/package', script), join(directory, script));
    await chmod(join(directory, script), 0o755);
  }
  await writeFile(join(directory, 'md5sums'), await checksums(root));
  await setTimes(root, epoch);
}

async function* filesBelow(directory) {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    yield { path, entry };
    if (entry.isDirectory()) yield* filesBelow(path);
  }
}

async function sizeOf(directory) {
  let bytes = 0;
  for await (const { path, entry } of filesBelow(directory))
    bytes += entry.isFile() ? (await stat(path)).size : 4096;
  return bytes;
}

async function checksums(root) {
  const { createHash } = await import('node:crypto');
  const lines = [];
  for await (const { path, entry } of filesBelow(join(root, 'usr')))
    if (entry.isFile()) {
      const digest = createHash('md5')
        .update(await readFile(path))
        .digest('hex');
      lines.push(`${digest}  ${path.slice(root.length + 1)}\n`);
    }
  return lines.join('');
}

async function setTimes(root, epoch) {
  for await (const { path } of filesBelow(root)) await lutimes(path, epoch, epoch);
}

/** Builds the package and answers its path, and the directory tree it was made from. */
export async function packageDeb() {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  const { layOut } = await import('./package-tree.mjs');
  process.umask(0o022);
  const epoch = await sourceDate();
  const root = join(output, 'root');
  await rm(output, { recursive: true, force: true });
  const app = await packDirectory();
  await layOut(root, { app, node: await nodeToShip(), version, date: new Date(epoch * 1000) });
  await control(root, { version, epoch });
  const file = join(repository, `artifacts/devmend_${version}_${architectures[process.arch]}.deb`);
  say('Compressing the package …');
  const { code, output: words } = await run(
    'dpkg-deb',
    ['--root-owner-group', '-Zxz', '-z1', '--build', root, file],
    {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
    },
  );
  if (code !== 0) throw new Error(words.trimEnd());
  return { file, root };
}

if (isProgram(import.meta.url)) {
  try {
    await installDependencies();
    if (!(await buildNativeModule())) throw new Error('The package needs node-pty.');
    await buildDevmend();
    const { file } = await packageDeb();
    say(file);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
