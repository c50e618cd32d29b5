import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Machine } from '../machine.ts';
import { searchPath } from './expand.ts';
import type { Files } from './files.ts';

/** A directory whose children may be installations, and how many levels down to look. */
interface Parent {
  readonly path: string;
  readonly depth: 1 | 2;
}

const SYSTEM_PARENTS: readonly Parent[] = [
  { path: '/usr/share', depth: 1 },
  { path: '/usr/lib', depth: 1 },
  { path: '/usr/lib64', depth: 1 },
  { path: '/usr/local', depth: 1 },
  { path: '/usr/local/share', depth: 1 },
  { path: '/usr/local/lib', depth: 1 },
  { path: '/opt', depth: 2 },
  { path: '/usr/lib/node_modules', depth: 1 },
  { path: '/usr/local/lib/node_modules', depth: 1 },
  { path: '/vscode', depth: 1 },
];

const HOME_PARENTS: readonly Parent[] = [
  { path: '', depth: 1 },
  ...[
    'opt',
    'Applications',
    'applications',
    'apps',
    'Downloads',
    'Desktop',
    'tools',
    'software',
  ].map((path): Parent => ({ path, depth: 2 })),
  ...['bin', '.local', '.local/share', '.local/opt', '.local/lib', '.local/bin'].map(
    (path): Parent => ({ path, depth: 1 }),
  ),
  ...['.local/lib/node_modules', '.npm-global/lib/node_modules', 'node_modules'].map(
    (path): Parent => ({ path, depth: 1 }),
  ),
];

/** A home may hold very many names; more than this and the rest is not looked at. */
const MAX_CHILDREN = 5_000;
const APPLICATIONS_LIMIT = 256 * 1024;

/**
 * Directories that may hold an editor, the likeliest first and each once:
 * the usual parents, server folders in the home, snap, flatpak, npm, and
 * wherever launchers on PATH and menu entries lead.
 */
export function* editorCandidates(machine: Machine, files: Files): Generator<string> {
  const seen = new Set<string>();
  const sources = [
    fromLaunchers(machine, files),
    fromParents(machine, files),
    fromServers(machine, files),
    fromSandboxes(machine, files),
    fromMenuEntries(machine, files),
  ];
  for (const source of sources) {
    for (const directory of source) {
      if (seen.has(directory)) continue;
      seen.add(directory);
      yield directory;
    }
  }
}

function* fromParents(machine: Machine, files: Files): Generator<string> {
  const home = HOME_PARENTS.map(({ path, depth }) => ({ path: join(machine.home, path), depth }));
  // Global npm packages lie beside the bin directory that is on PATH (nvm, volta, prefixes).
  const npm = searchPath(machine).map((directory): Parent => ({
    path: join(dirname(directory), 'lib/node_modules'),
    depth: 1,
  }));
  for (const { path, depth } of [...SYSTEM_PARENTS, ...home, ...npm]) {
    for (const child of directoriesIn(path, files)) {
      yield child;
      if (depth === 2) yield* directoriesIn(child, files);
    }
  }
}

/** `~/.vscode-server`, `~/.cursor-server` and whatever else has that shape. */
function* fromServers(machine: Machine, files: Files): Generator<string> {
  const agent = machine.environment['VSCODE_AGENT_FOLDER'];
  const bases = directoriesIn(machine.home, files).filter((path) => basename(path).startsWith('.'));
  if (agent !== undefined && isAbsolute(agent)) bases.push(agent);
  for (const base of [...bases, ...directoriesIn('/vscode', files)]) {
    for (const commit of directoriesIn(join(base, 'bin'), files)) {
      yield commit;
      yield* directoriesIn(commit, files);
    }
    for (const server of directoriesIn(join(base, 'cli/servers'), files)) {
      yield join(server, 'server');
    }
    yield* directoriesIn(join(base, 'cli/serve-web'), files);
  }
}

function* fromSandboxes(machine: Machine, files: Files): Generator<string> {
  for (const snaps of ['/snap', '/var/lib/snapd/snap']) {
    for (const snap of directoriesIn(snaps, files)) {
      const current = join(snap, 'current');
      yield current;
      yield* directoriesIn(join(current, 'usr/share'), files);
    }
  }
  for (const apps of ['/var/lib/flatpak/app', join(machine.home, '.local/share/flatpak/app')]) {
    for (const app of directoriesIn(apps, files)) {
      const content = join(app, 'current/active/files');
      yield* directoriesIn(join(content, 'extra'), files);
      yield* directoriesIn(join(content, 'share'), files);
      yield* directoriesIn(content, files);
    }
  }
}

/** Where everybody's programs lie: no tree of one editor. */
const SHARED_PREFIXES: ReadonlySet<string> = new Set(['/', '/usr', '/usr/local']);

/** Links on PATH that lead out of the directories of programs, into some tree; trees on PATH. */
function* fromLaunchers(machine: Machine, files: Files): Generator<string> {
  for (const directory of searchPath(machine).map((path) => resolve(path))) {
    yield directory;
    // An unpacked archive is put on PATH by its `bin`, and some put the tree there.
    if (!SHARED_PREFIXES.has(dirname(directory))) yield dirname(directory);
    const entries = files.list(directory);
    if (!entries.ok) continue;
    for (const entry of entries.value) {
      if (entry.kind !== 'link') continue;
      const target = files.realPath(join(directory, entry.name));
      if (target.ok) yield* enclosing(target.value);
    }
  }
}

/** Where the programs of menu entries lie (XDG Desktop Menu Specification: XDG_DATA_DIRS). */
function* fromMenuEntries(machine: Machine, files: Files): Generator<string> {
  for (const data of dataDirectories(machine)) {
    const applications = join(data, 'applications');
    const entries = files.list(applications);
    if (!entries.ok) continue;
    for (const entry of entries.value) {
      if (!entry.name.endsWith('.desktop')) continue;
      const text = files.readText(join(applications, entry.name), APPLICATIONS_LIMIT);
      if (!text.ok) continue;
      for (const program of programsOfDesktopEntry(text.value)) {
        const target = files.realPath(program);
        if (target.ok) yield* enclosing(target.value);
      }
    }
  }
}

function dataDirectories(machine: Machine): readonly string[] {
  const own = machine.environment['XDG_DATA_HOME'] ?? '';
  const shared = machine.environment['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share';
  return [
    isAbsolute(own) ? own : join(machine.home, '.local/share'),
    ...shared.split(':').filter((directory) => isAbsolute(directory)),
    '/var/lib/snapd/desktop',
  ];
}

/**
 * Absolute paths in the Exec and TryExec lines of a desktop entry. They are
 * hints of where to look, so only quotes and backslashes are undone here.
 */
export function programsOfDesktopEntry(text: string): readonly string[] {
  const programs: string[] = [];
  for (const line of text.matchAll(/^(?:Try)?Exec\s*=\s*(.*)$/gm)) {
    for (const word of (line[1] ?? '').matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
      const argument = (word[1] ?? word[2] ?? '').replace(/\\+(.)/g, '$1');
      if (isAbsolute(argument)) programs.push(argument);
    }
  }
  return [...new Set(programs)];
}

/** A program is at most two levels inside its tree: `code`, `bin/code`, `bin/remote-cli/code`. */
function* enclosing(program: string): Generator<string> {
  let directory = dirname(program);
  for (let level = 0; level < 3 && directory !== '/'; level += 1) {
    yield directory;
    directory = dirname(directory);
  }
}

function directoriesIn(path: string, files: Files): string[] {
  const entries = files.list(path);
  if (!entries.ok) return [];
  return entries.value
    .filter((entry) => entry.kind === 'directory' || entry.kind === 'link')
    .slice(0, MAX_CHILDREN)
    .map((entry) => join(path, entry.name));
}
