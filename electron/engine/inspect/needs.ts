import type { ForcedNeed } from '../../../shared/component.ts';
import { compareVersionNames, versionFamily } from '../checks/versions.ts';
import { glibcMarkers, glibcxxOfCxxabi } from '../data/runtime-versions.ts';
import { compareNumbers } from '../numeric-version.ts';

/** What a C and C++ runtime is known to offer, by release numbers alone. */
export interface KnownRuntime {
  /** Upstream release of its glibc. */
  readonly glibc: string;
  /** Highest GLIBCXX version, and whether it was read from a file. */
  readonly glibcxx: { readonly version: string; readonly verified: boolean } | null;
}

export type Answer = 'there' | 'lacks' | 'unknown';

const NUMBERED = /^(GLIBC|GLIBCXX|GCC)_(\d+(?:\.\d+)*)$/;
/** Newest version of libgcc_s that every distribution of the table has had from its start. */
const OLD_GCC = '4.8.0';

/**
 * Whether a runtime of these releases has a version. Only for systems whose
 * files are not here: distributions take versions over, so what can be read is
 * read, and never worked out from a number.
 */
export function answerOf(version: string, runtime: KnownRuntime): Answer {
  const marker = glibcMarkers[version];
  if (marker !== undefined) {
    if (compareNumbers(runtime.glibc, marker.since) >= 0) return 'there';
    return compareNumbers(runtime.glibc, marker.earliest) >= 0 ? 'unknown' : 'lacks';
  }
  const withGlibcxx = glibcxxOfCxxabi[version];
  if (withGlibcxx !== undefined) return answerOfGlibcxx(withGlibcxx, runtime);
  const [, family, number] = NUMBERED.exec(version) ?? [];
  if (family === undefined || number === undefined) return 'unknown';
  switch (family) {
    case 'GLIBC':
      return compareNumbers(number, runtime.glibc) <= 0 ? 'there' : 'lacks';
    case 'GLIBCXX':
      return answerOfGlibcxx(number, runtime);
    default:
      return compareNumbers(number, OLD_GCC) <= 0 ? 'there' : 'unknown';
  }
}

function answerOfGlibcxx(number: string, { glibcxx }: KnownRuntime): Answer {
  if (glibcxx === null) return 'unknown';
  if (compareNumbers(number, glibcxx.version) <= 0) return 'there';
  return glibcxx.verified ? 'lacks' : 'unknown';
}

/** The needs with the newest first: glibc's before those of the C++ runtime. */
export function newestFirst(needs: readonly ForcedNeed[]): readonly ForcedNeed[] {
  const isGlibc = (need: ForcedNeed): number => Number(versionFamily(need.version) === 'GLIBC');
  return [...needs].sort(
    (left, right) => isGlibc(right) - isGlibc(left) || compareVersionNames(rank(right), rank(left)),
  );
}

/** A marker stands where its release stands; GLIBC_PRIVATE behind all. */
function rank({ version }: ForcedNeed): string {
  const marker = glibcMarkers[version];
  return marker === undefined ? version : `GLIBC_${marker.since}`;
}

/** Lowest glibc release that has all these versions; null where none is needed or one is private. */
export function glibcFloor(needs: readonly ForcedNeed[]): string | null {
  let floor: string | null = null;
  for (const { version } of needs) {
    if (versionFamily(version) !== 'GLIBC') continue;
    const number = glibcMarkers[version]?.since ?? NUMBERED.exec(version)?.[2];
    if (number === undefined) return null;
    if (floor === null || compareNumbers(number, floor) > 0) floor = number;
  }
  return floor;
}
