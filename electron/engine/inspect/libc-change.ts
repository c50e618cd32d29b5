import { join } from 'node:path';
import type { ForcedNeed } from '../../../shared/component.ts';
import { fail, type ErrorData, type Result } from '../../../shared/error.ts';
import type { LibcChangeReport } from '../../../shared/libc-change.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { compareVersionNames } from '../checks/versions.ts';
import { readLibcText } from '../elf/libc-text.ts';
import { readElf } from '../elf/read.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { compareNumbers } from '../numeric-version.ts';
import { highestVersions } from '../probes/libc.ts';
import { libcPackageOf } from '../probes/packages/of-root.ts';
import { compareVersions } from '../sandbox/control.ts';
import { withTarget, type LibcTarget } from './libc-target.ts';
import { subjectsOf, type Subject } from './matrix-rows.ts';
import { newestFirst } from './needs.ts';
import { Replacement, type Lacking } from './process-with-set.ts';
import { runtimeOfRoot, type RuntimeSet } from './runtime-set.ts';

type Side = LibcChangeReport['from'];
type Entry = LibcChangeReport['programs'][number];

/**
 * What another glibc would change for the programs of a scan. `target` is a root
 * directory, a directory of libraries, or a .deb of libc6; relative to the working
 * directory. `no-c-library` where either side has none for this machine's programs.
 */
export async function compareLibc(
  machine: Machine,
  snapshot: Snapshot,
  target: string,
  job: JobContext,
): Promise<Result<LibcChangeReport, ErrorData>> {
  const path = snapshot.probes.libc.data?.libc?.path ?? null;
  const libc = path === null ? null : readElf(join(machine.root, path));
  if (path === null || libc?.ok !== true) return fail('no-c-library', { path: machine.root });
  const current = runtimeOfRoot(machine, machine.root, libc.value);
  if (current.size === 0) return fail('no-c-library', { path: machine.root });
  return withTarget(machine, target, libc.value, job, (opened) => {
    const installed = snapshot.probes.packages.data?.packages.find(
      ({ library }) => library === 'libc.so.6',
    );
    const from = sideOf(machine.root, current, path, installed?.version ?? null);
    const version = opened.packageVersion ?? libcPackageOf(opened.root, libc.value)?.version;
    const to = sideOf(opened.root, opened.set, target, version ?? null);
    const subjects = subjectsOf(snapshot).filter(({ libc: kind }) => kind === 'glibc');
    return {
      schema: 'devmend.upgrade/1',
      takenAt: snapshot.takenAt,
      direction: directionOf(from, to, orderByVersions(current, opened.set)),
      from,
      to,
      libraries: librariesOf(current, opened),
      programs: entriesOf(subjects, new Replacement(machine.root, current, opened.set)),
      examined: subjects.length,
    };
  });
}

function sideOf(root: string, set: RuntimeSet, origin: string, version: string | null): Side {
  const libc = set.get('libc.so.6');
  return {
    origin,
    packageVersion: version,
    release: libc === undefined ? null : readLibcText(root, libc.path).release,
    buildId: libc?.elf.notes.buildId ?? null,
  };
}

/**
 * By release, then by package. What does not state its release is told by its version definitions;
 * where these do not tell either, nothing is said of which of the two is older.
 */
function directionOf(
  from: Side,
  to: Side,
  byVersions: number | null,
): LibcChangeReport['direction'] {
  const known = from.release !== null && to.release !== null;
  const byRelease =
    from.release === null || to.release === null ? 0 : compareNumbers(to.release, from.release);
  const byPackage =
    from.packageVersion === null || to.packageVersion === null
      ? 0
      : compareVersions(to.packageVersion, from.packageVersion);
  const order = byRelease || byPackage || (known ? 0 : byVersions);
  if (order === null) return isSameFile(from, to) ? 'same' : 'unknown';
  return order === 0 ? 'same' : order > 0 ? 'upgrade' : 'downgrade';
}

function isSameFile(from: Side, to: Side): boolean {
  return from.buildId !== null && from.buildId === to.buildId;
}

/** By the highest version that libc.so.6 defines; with the same one, by which only adds to the other. */
function orderByVersions(current: RuntimeSet, target: RuntimeSet): number | null {
  const [had, has] = [current, target].map((set) => [...(set.get('libc.so.6')?.versions ?? [])]);
  const highest = (names: readonly string[] = []): string => highestVersions(names)['GLIBC'] ?? '0';
  const lost = had?.some((name) => has?.includes(name) !== true) === true;
  const gained = has?.some((name) => had?.includes(name) !== true) === true;
  const order = compareNumbers(highest(has), highest(had)) || Number(gained) - Number(lost);
  return order === 0 ? null : order;
}

function librariesOf(current: RuntimeSet, { set }: LibcTarget): LibcChangeReport['libraries'] {
  const everywhere = new Set([...set.values()].flatMap(({ symbols }) => [...symbols]));
  return [...set.values()].map(({ soname, versions }) => {
    const before = current.get(soname);
    const had = before?.versions ?? new Set<string>();
    const inOrder = (names: readonly string[]): string[] => [...names].sort(compareVersionNames);
    return {
      soname,
      gained: inOrder([...versions].filter((name) => !had.has(name))),
      lost: inOrder([...had].filter((name) => !versions.has(name))),
      // A symbol that merely moved to another library of the set is not lost.
      lostSymbols: [...(before?.symbols ?? [])]
        .filter((symbol) => !symbol.endsWith('@GLIBC_PRIVATE') && !everywhere.has(symbol))
        .sort(),
    };
  });
}

function entriesOf(subjects: readonly Subject[], replacement: Replacement): Entry[] {
  const order = ['fails', 'unknown', 'starts'];
  return subjects
    .flatMap((subject) => entryOf(subject, replacement) ?? [])
    .sort((a, b) => order.indexOf(a.after) - order.indexOf(b.after) || (a.name < b.name ? -1 : 1));
}

/** Null for a program that stays as it is. */
function entryOf({ name, path, report }: Subject, replacement: Replacement): Entry | null {
  const before = report.verdict;
  if (!replacement.concerns(report)) return null;
  const lacking = replacement.lacking(report);
  const because = newestFirst([...lacking.versions, ...lacking.symbols]);
  const after = afterwards(before, report.reason, lacking, stillLacksSymbols(report, because));
  if (after === before) return null;
  const cured = newestFirst(report.versionErrors.filter((one) => !one.weak).map(needOf));
  return {
    name,
    path,
    before,
    after,
    because: [...(after === 'starts' ? cured : because)],
    reason: after === 'starts' ? startsBecause(cured, path) : stopsBecause(because, lacking, path),
  };
}

function afterwards(
  before: Entry['before'],
  reason: Subject['report']['reason'],
  { versions, symbols, missing }: Lacking,
  otherwise: boolean,
): Entry['after'] {
  if (versions.length + symbols.length > 0) return 'fails';
  if (before === 'starts') return 'starts';
  // A loader that is not there, or a file that could not be read, stays what it is.
  const same = before === 'unknown' || missing.length > 0 || otherwise;
  return same || (reason !== null && reason !== 'no-interpreter') ? before : 'starts';
}

/** It fails for functions that nothing defines, and not for versions or missing libraries. */
function stillLacksSymbols(report: Subject['report'], because: readonly ForcedNeed[]): boolean {
  const otherCauses =
    report.missing.length + report.versionErrors.filter((one) => !one.weak).length;
  return otherCauses === 0 && report.symbolErrors.length > 0 && because.length === 0;
}

function needOf(error: Subject['report']['versionErrors'][number]): ForcedNeed {
  const { library, version, symbols, requiredBy } = error;
  return { library, version, symbols, requiredBy };
}

function stopsBecause(because: readonly ForcedNeed[], lacking: Lacking, path: string): Message {
  const [first] = because;
  if (first === undefined) return message('upgrade.reason.stays', { path });
  const key = lacking.versions.length > 0 ? 'stops' : 'symbol';
  return message(`upgrade.reason.${key}`, { ...named(first), library: first.library });
}

function startsBecause(cured: readonly ForcedNeed[], path: string): Message {
  const [first] = cured;
  return first === undefined
    ? message('upgrade.reason.found', { path })
    : message('upgrade.reason.starts', { ...named(first), library: first.library });
}

function named({ symbols, version, requiredBy }: ForcedNeed): { asking: string; what: string } {
  const main = symbols.includes('__libc_start_main') ? '__libc_start_main' : symbols[0];
  return { asking: requiredBy, what: main === undefined ? version : `${main}@${version}` };
}
