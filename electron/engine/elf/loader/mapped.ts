import type { FoundBy } from '../../../../shared/elf.ts';
import type { LoadedObject } from './store.ts';

/** One object in the memory of the simulated process (glibc's link_map). */
export interface Mapped {
  readonly object: LoadedObject;
  /** Name it was first asked for by. */
  readonly name: string;
  /** Path it was found at, links not resolved; its directory is `$ORIGIN`. */
  readonly path: string;
  readonly foundBy: FoundBy;
  /** The object that first asked for it. */
  readonly loader: Mapped | null;
  /** It or an object up its chain of loaders has a DT_RPATH. */
  readonly rpathInChain: boolean;
  readonly requiredBy: string[];
}

/** A request that no file answered. */
export interface Unanswered {
  readonly name: string;
  readonly requiredBy: string[];
  /** Directories and caches, in the order the loader looks. */
  readonly searched: readonly string[];
  /** The file that was there and did not do. */
  readonly found: string | null;
  /** A file was there, but this process could not read it. */
  readonly denied: boolean;
}

export interface ProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** AT_SECURE: setuid, setgid or file capabilities. */
  readonly secure: boolean;
}

/**
 * Moves the library that a filter stands for just before the filter, if it comes
 * later; the program itself stays first.
 */
export function moveBefore(list: Mapped[], filtee: Mapped, filter: Mapped): void {
  const from = list.indexOf(filtee);
  const to = Math.max(1, list.indexOf(filter));
  if (from > to) {
    list.splice(from, 1);
    list.splice(to, 0, filtee);
  }
}
