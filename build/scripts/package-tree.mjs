import { existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { repository } from './console.mjs';

const id = 'io.github.devmend.Devmend';
const sizes = [16, 22, 24, 32, 48, 64, 128, 256, 512];
const source = (...path) => join(repository, 'build', ...path);

async function place(root, path, from, mode = 0o644) {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(from, target);
  await chmod(target, mode);
}

async function write(root, path, content, mode = 0o644) {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
  await chmod(target, mode);
}

/** gzip as Debian wants it: best compression, no name and no time in the header. */
const compressed = (text) => gzipSync(text, { level: 9 });

/**
 * Lays the package's files out below `root`: the app directory that electron-builder
 * made, the command line with a Node of its own (docs/adr/0005-cli-runtime.md), and
 * what the desktop shows.
 */
export async function layOut(root, { app, node, version, date }) {
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, 'usr/lib'), { recursive: true });
  await rename(app, join(root, 'usr/lib/devmend'));
  await openModes(join(root, 'usr/lib/devmend'));
  await chmod(join(root, 'usr/lib/devmend/chrome-sandbox'), 0o4755);
  await commandLine(root, node);
  await desktop(root);
  await documents(root, version, date);
}

/** Readable by everybody, executable where it was for anybody, whatever the umask was. */
async function openModes(directory) {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openModes(path);
    else if (entry.isFile()) await chmod(path, (await isProgram(path)) ? 0o755 : 0o644);
  }
}

/** Programs begin with the ELF magic and are no shared object by name. */
async function isProgram(path) {
  if (/\.(so(\.\d+)*|node|pak|dat|bin|asar)$/.test(path)) return false;
  return (await readFile(path)).subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
}

async function commandLine(root, node) {
  await place(root, 'usr/lib/devmend/cli/node', node, 0o755);
  // Started by the launcher only, so it names no interpreter of its own.
  const program = await readFile(join(repository, 'dist/cli.js'), 'utf8');
  await write(root, 'usr/lib/devmend/cli/cli.js', program.replace(/^#!.*\n/, ''));
  await place(root, 'usr/lib/devmend/cli/LICENSE.node.txt', licenceOf(node));
  await write(root, 'usr/lib/devmend/cli/package.json', '{ "type": "commonjs" }\n');
  // Where the command line looks for the window.
  await symlink('../devmend', join(root, 'usr/lib/devmend/cli/devmend-desktop'));
  await place(root, 'usr/bin/devmend', source('package/devmend.launcher'), 0o755);
}

/** Where Node's own archives and packages put the licence, seen from bin/node. */
function licenceOf(node) {
  const prefix = dirname(dirname(node));
  const places = ['LICENSE', 'share/doc/nodejs/LICENSE', 'share/doc/node/LICENSE'];
  const found = places.map((place) => join(prefix, place)).find((path) => existsSync(path));
  if (found) return found;
  throw new Error(
    `The licence of ${node} is not beside it (${places.join(', ')} below ${prefix}).`,
  );
}

async function desktop(root) {
  const share = 'usr/share';
  await place(root, `${share}/applications/${id}.desktop`, source(`package/${id}.desktop`));
  await place(root, `${share}/metainfo/${id}.metainfo.xml`, source(`package/${id}.metainfo.xml`));
  await place(root, `${share}/devmend/apparmor-profile`, source('package/apparmor-profile'));
  const icons = `${share}/icons/hicolor`;
  await place(root, `${icons}/scalable/apps/${id}.svg`, source('icons/devmend.svg'));
  for (const size of sizes)
    await place(root, `${icons}/${size}x${size}/apps/${id}.png`, source(`icons/${size}.png`));
}

async function documents(root, version, date) {
  const doc = 'usr/share/doc/devmend';
  const manual = await readFile(source('package/devmend.1'));
  await write(root, 'usr/share/man/man1/devmend.1.gz', compressed(manual));
  await write(root, `${doc}/changelog.gz`, compressed(changelog(version, date)));
  await write(root, `${doc}/copyright`, await copyright());
  await place(root, 'usr/share/lintian/overrides/devmend', source('package/lintian-overrides'));
}

/** Debian's changelog form; what changed is told in CHANGELOG.md. */
function changelog(version, date) {
  return [
    `devmend (${version}) unstable; urgency=medium`,
    '',
    `  * Release ${version}; see CHANGELOG.md of the source.`,
    '',
    ` -- The Devmend authors <devmend@users.noreply.github.com>  ${date.toUTCString().replace('GMT', '+0000')}`,
    '',
  ].join('\n');
}

/** Whose work this is and on what terms; the parts' own licences lie beside them. */
async function copyright() {
  const licence = await readFile(join(repository, 'LICENSE'), 'utf8');
  return `Devmend

${licence.trimEnd()}

The package carries two runtimes that are not part of Devmend:

Electron (/usr/lib/devmend): copyright by its contributors, MIT, in
/usr/lib/devmend/LICENSE.electron.txt; Chromium, which it is made of, in
/usr/lib/devmend/LICENSES.chromium.html.

Node.js (/usr/lib/devmend/cli/node): copyright Node.js contributors, MIT, with the
licences of its parts, in /usr/lib/devmend/cli/LICENSE.node.txt.
`;
}
