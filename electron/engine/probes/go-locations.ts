import { isAbsolute, join } from 'node:path';
import type { Machine } from '../machine.ts';
import { configHome } from './editor-settings-files.ts';
import { searchPath } from './expand.ts';
import type { Files } from './files.ts';

/** `go`, and the tools that vscode-go installs or uses (goToolsInformation.ts). */
export const GO_TOOLS: readonly string[] = [
  'go',
  'gopls',
  'dlv',
  'staticcheck',
  'golangci-lint',
  'golangci-lint-v2',
  'gofumpt',
  'goimports',
  'gotests',
  'gomodifytags',
  'impl',
  'goplay',
  'vscgo',
];

const ENVIRONMENT_LIMIT = 64 * 1024;

/**
 * Directories that may hold Go tools, in the order in which vscode-go looks
 * (utils/pathUtils.ts: GOBIN, GOPATH, GOROOT, PATH), then the usual places.
 */
export function goDirectories(machine: Machine, files: Files): readonly string[] {
  const goroot = goEnvironment(machine, files).get('GOROOT');
  const directories = [
    ...goToolDirectories(machine, files),
    goroot === undefined ? undefined : join(goroot, 'bin'),
    ...searchPath(machine),
    join(machine.home, 'go/bin'),
    '/usr/local/go/bin',
    '/usr/local/bin',
    ...childrenNamed('/usr/lib', /^go(-[\d.]+)?$/, files),
    '/snap/go/current/bin',
    ...childrenNamed(join(machine.home, 'sdk'), /^go/, files),
    ...childrenNamed(join(machine.home, '.local/share/mise/installs/go'), /^\d/, files),
    ...extensionBins(machine, files),
  ];
  return [
    ...new Set(
      directories.filter((path): path is string => path !== undefined && isAbsolute(path)),
    ),
  ];
}

/** Where `go install` puts programs: GOBIN, and the `bin` of every GOPATH. */
export function goToolDirectories(machine: Machine, files: Files): readonly string[] {
  const settings = goEnvironment(machine, files);
  const gopath = settings.get('GOPATH') ?? join(machine.home, 'go');
  return [
    settings.get('GOBIN') ?? '',
    ...gopath.split(':').map((path) => join(path, 'bin')),
  ].filter((path) => isAbsolute(path));
}

/** Go's settings: the process environment before what `go env -w` wrote (`go help env`). */
export function goEnvironment(machine: Machine, files: Files): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const file = machine.environment['GOENV'] ?? join(configHome(machine), 'go/env');
  const text = isAbsolute(file) ? files.readText(file, ENVIRONMENT_LIMIT) : null;
  if (text?.ok === true) {
    for (const line of text.value.split('\n')) {
      const match = /^([A-Z0-9]+)=(.*)$/.exec(line.trim());
      if (match?.[1] !== undefined && match[2] !== undefined) settings.set(match[1], match[2]);
    }
  }
  for (const name of ['GOBIN', 'GOPATH', 'GOROOT', 'CC', 'CGO_ENABLED']) {
    const value = machine.environment[name] ?? '';
    if (value !== '') settings.set(name, value);
    else if (settings.get(name) === '') settings.delete(name);
  }
  return settings;
}

/** From 0.41 the Go extension builds its helper vscgo into its own folder. */
function extensionBins(machine: Machine, files: Files): readonly string[] {
  return ['.vscode', '.vscode-server', '.vscode-oss', '.vscodium-server'].flatMap((data) =>
    childrenNamed(join(machine.home, data, 'extensions'), /^golang\.go-/i, files),
  );
}

function childrenNamed(parent: string, name: RegExp, files: Files): readonly string[] {
  const entries = files.list(parent);
  if (!entries.ok) return [];
  return entries.value
    .filter((entry) => entry.kind !== 'file' && name.test(entry.name))
    .map((entry) => join(parent, entry.name, 'bin'));
}
