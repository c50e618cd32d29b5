import type { ForcedNeed } from '../../../shared/component.ts';
import type { DependencyReport, FoundBy } from '../../../shared/elf.ts';
import { runtimeNeeds } from '../elf/runtime-needs.ts';
import type { Files } from './files.ts';

/** Ways in which the loader comes to what the system, and not the program, has put there. */
const FROM_SYSTEM: ReadonlySet<FoundBy> = new Set([
  'cache',
  'default-directory',
  'ld-library-path',
  'preload',
]);

/** `ld-linux-x86-64.so.2`, `ld-musl-x86_64.so.1`, `ld64.so.2`. */
const LOADER = /^ld(?:-|64)/;

/**
 * What a program, with the libraries it brings along (found by its own search
 * paths), asks of the system's C and C++ runtime. Needs that one of these
 * libraries answers are left out: a program with a glibc of its own asks nothing.
 */
export function ownNeeds(
  realPath: string,
  objects: DependencyReport['objects'],
  files: Files,
): ForcedNeed[] {
  const brought = objects.filter(
    ({ foundBy, soname, path }) =>
      !FROM_SYSTEM.has(foundBy) && !LOADER.test(soname) && path !== realPath,
  );
  const answered = new Set(brought.map(({ soname }) => soname));
  const places = [realPath, ...brought.map(({ path }) => path)].map((path) => ({
    path,
    hostPath: files.hostPath(path),
  }));
  return runtimeNeeds(places).filter(
    ({ library }) => !answered.has(library) && !(answered.has('libc.so.6') && LOADER.test(library)),
  );
}
