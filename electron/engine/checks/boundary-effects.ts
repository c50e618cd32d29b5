import type { ForcedNeed } from '../../../shared/component.ts';
import type { ProbeData, Snapshot } from '../../../shared/snapshot.ts';
import type { Subject } from '../inspect/matrix-rows.ts';
import { answerOf, newestFirst } from '../inspect/needs.ts';
import { versionFamily } from './versions.ts';

type Candidate = ProbeData<'packages'>['candidates'][number];

/**
 * What another glibc would do to a program or module of today: it `loses` a
 * version, is `tied` to the private interface of the present release, has a
 * `mixed` set of which only one half would change, or would begin to work.
 */
export interface Effect {
  readonly kind: 'loses' | 'tied' | 'mixed' | 'starts';
  readonly subject: Subject;
  readonly need: ForcedNeed;
}

/** `2.36` of `2.36-9+deb12u10`; null where a version does not begin with a release. */
export function releaseOf(version: string): string | null {
  return /^(?:\d+:)?(\d+\.\d+)/.exec(version)?.[1] ?? null;
}

/** Null where the candidate changes nothing, or nothing that can be told from here. */
export function effectOf(
  subject: Subject,
  candidate: Candidate,
  { probes }: Snapshot,
): Effect | null {
  const release = releaseOf(candidate.version);
  if (release === null || subject.libc !== 'glibc') return null;
  if (subject.report.verdict === 'fails') {
    const need = candidate.direction === 'upgrade' ? cured(subject, release) : null;
    return need === null ? null : { kind: 'starts', subject, need };
  }
  if (subject.report.verdict !== 'starts') return null;
  const needs = newestFirst(subject.needs ?? []);
  const lost = needs.find(({ version }) => answer(version, release) === 'lacks');
  if (lost !== undefined) return { kind: 'loses', subject, need: lost };
  // glibc keeps GLIBC_PRIVATE as it is within a release, and changes it at will between two.
  if (release === presentRelease(probes)) return null;
  const tie = needs.find(({ version }) => version === 'GLIBC_PRIVATE');
  if (tie !== undefined) return { kind: 'tied', subject, need: tie };
  const need = mixedWithSystem(subject, probes);
  return need === null ? null : { kind: 'mixed', subject, need };
}

function answer(version: string, glibc: string): ReturnType<typeof answerOf> {
  return answerOf(version, { glibc, glibcxx: null });
}

function presentRelease({ packages, libc }: Snapshot['probes']): string | null {
  const installed = packages.data?.packages.find(({ library }) => library === 'libc.so.6');
  return (
    packages.data?.libcFile?.release ??
    (installed === undefined ? null : releaseOf(installed.version)) ??
    libc.data?.libc?.highest['GLIBC'] ??
    null
  );
}

/** What it lacks today, if versions of glibc are all that it lacks and this release has them. */
function cured({ report }: Subject, release: string): ForcedNeed | null {
  const lacking = report.versionErrors.filter(({ weak }) => !weak);
  const versions = new Set(lacking.map(({ version }) => version));
  const otherwise =
    report.reason !== null ||
    report.missing.length > 0 ||
    lacking.some(
      ({ version }) => versionFamily(version) !== 'GLIBC' || answer(version, release) !== 'there',
    ) ||
    report.symbolErrors.some(({ version }) => version === null || !versions.has(version));
  if (otherwise) return null;
  const needs = lacking.map(({ library, version, symbols, requiredBy }) => ({
    ...{ library, version, symbols, requiredBy },
  }));
  return newestFirst(needs)[0] ?? null;
}

/** The private half of a glibc whose other half is the system's, as the need that ties them. */
function mixedWithSystem({ report }: Subject, { libc }: Snapshot['probes']): ForcedNeed | null {
  const system = directoryOf(libc.data?.libc?.path ?? '');
  const isSystem = (path: string, directory: string): boolean =>
    directory === system || path === libc.data?.interpreter || /^\/lib(?:32|64)?\/ld/.test(path);
  for (const { soname, path, expected } of report.mixedGlibc) {
    const libcIsSystem = merged(expected) === system;
    const memberIsSystem = isSystem(merged(path), directoryOf(path));
    if (libcIsSystem !== memberIsSystem) {
      return { library: soname, version: 'GLIBC_PRIVATE', symbols: [], requiredBy: path };
    }
  }
  return null;
}

function directoryOf(path: string): string {
  return merged(path.slice(0, path.lastIndexOf('/')));
}

/** `/usr/lib` and `/lib` are one directory on merged systems, and both names occur. */
function merged(path: string): string {
  return path.replace(/^\/usr\/lib/, '/lib');
}
