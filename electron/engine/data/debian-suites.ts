/** One release of Debian. */
export interface DebianSuite {
  /** Codename, as in the archive's `dists` directory. */
  readonly suite: string;
  /** Release number; null where the release has none yet, or never will. */
  readonly release: string | null;
  /** Upstream version of the glibc it ships, such as `2.36`. */
  readonly glibc: string;
  /** False while the suite still moves, so that a newer glibc than `glibc` is possible. */
  readonly released: boolean;
}

/**
 * Debian's releases, oldest first, with the glibc of each. Only a hint that
 * saves downloads: what a release really offers is read from its libraries.
 *
 * Source: package `libc6` in each suite's signed index; state of November 2026.
 */
export const debianSuites: readonly DebianSuite[] = [
  { suite: 'bullseye', release: '11', glibc: '2.31', released: true },
  { suite: 'bookworm', release: '12', glibc: '2.36', released: true },
  { suite: 'trixie', release: '13', glibc: '2.41', released: true },
  { suite: 'forky', release: '14', glibc: '2.43', released: false },
  { suite: 'sid', release: null, glibc: '2.43', released: false },
];
