import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Whether every user may get to a path: each directory above it may be searched by
 * all (x for others), and the path itself too where it is a directory or a program.
 * What does not exist yet will be made for all below `data`, Devmend's own directory
 * (see journal/steps.ts), and for its owner alone elsewhere.
 */
export function everybodyReaches(path: string, data: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined && !isWithin(at, data)) return false;
    if (stat !== undefined && !stat.isSymbolicLink() && (stat.mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Whether a path is the directory or lies below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
