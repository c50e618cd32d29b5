import { isAbsolute, join } from 'node:path';
import type { Machine } from '../machine.ts';
import type { Files } from './files.ts';
import { found, missed, type Looked } from './problems.ts';

/** What a login gives where PATH is not known, as on another root (login.defs ENV_PATH). */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The absolute directories of PATH, in order, each once. */
export function searchPath(machine: Machine): readonly string[] {
  const value = machine.environment['PATH'] ?? DEFAULT_PATH;
  return [...new Set(value.split(':').filter((directory) => isAbsolute(directory)))];
}

/**
 * What a setting's value means as a path: `~`, `${userHome}` and `${env:NAME}`
 * are filled in, a bare name is looked up on PATH. `unsupported` for variables
 * that only a running editor knows, and for relative paths, which belong to a
 * workspace; `not-found` for a bare name that is nowhere on PATH.
 */
export function expandProgram(value: string, machine: Machine, files: Files): Looked<string> {
  const unknown: string[] = [];
  const filled = value.trim().replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    if (name === 'userHome') return machine.home;
    const variable = /^env:(.+)$/.exec(name)?.[1];
    const known = variable === undefined ? undefined : machine.environment[variable];
    if (known === undefined) unknown.push(whole);
    return known ?? whole;
  });
  if (unknown.length > 0) return missed('unsupported', null, unknown.join(' '));
  const path =
    filled === '~' || filled.startsWith('~/') ? join(machine.home, filled.slice(1)) : filled;
  if (isAbsolute(path)) return found(path);
  if (path.includes('/')) return missed('unsupported', null, value);
  return onPath(path, machine, files);
}

/** The first executable file of that name on PATH. */
export function onPath(name: string, machine: Machine, files: Files): Looked<string> {
  for (const directory of searchPath(machine)) {
    const path = join(directory, name);
    if (isProgram(path, files)) return found(path);
  }
  return missed('not-found', null, name);
}

/** A regular file with an execute bit, after following links. */
export function isProgram(path: string, files: Files): boolean {
  const stat = files.stat(path);
  return stat.ok && stat.value.isFile() && (stat.value.mode & 0o111) !== 0;
}
