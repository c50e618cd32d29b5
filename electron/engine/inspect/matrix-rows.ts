import type { Component, ForcedNeed } from '../../../shared/component.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import { shortHash } from '../short-hash.ts';

/** A program or module of a scan, as the matrix looks at it. */
export interface Subject {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly kind: 'program' | 'module' | 'library';
  readonly libc: 'glibc' | 'musl' | 'static';
  /** Null where they are not known: a snapshot of an older Devmend. */
  readonly needs: readonly ForcedNeed[] | null;
  readonly report: DependencyReport;
}

/** Everything of a scan that a loader would load, by name; each file once. */
export function subjectsOf({ probes }: Snapshot): readonly Subject[] {
  const subjects = new Map<string, Subject>();
  for (const program of probes.programs.data?.programs ?? []) {
    const subject = subjectOfProgram(program);
    if (subject !== null) subjects.set(subject.path, subject);
  }
  for (const component of probes.components.data?.components ?? []) {
    const subject = component.variant === 'loads' ? subjectOfComponent(component) : null;
    if (subject !== null && !subjects.has(subject.path)) subjects.set(subject.path, subject);
  }
  return [...subjects.values()].sort(
    (a, b) => a.name.localeCompare(b.name, 'en') || (a.path < b.path ? -1 : 1),
  );
}

/** Null for scripts, for what could not be read, and for another architecture's programs. */
function subjectOfProgram({ path, realPath, name, report, elf }: Program): Subject | null {
  if (report === null || elf === null || !isLoadable(report)) return null;
  const own = realPath ?? path;
  return {
    id: shortHash(own),
    name,
    path: own,
    kind: 'program',
    libc: elf.linkage === 'dynamic' ? libcOf(report) : 'static',
    needs: elf.needs ?? null,
    report,
  };
}

function subjectOfComponent(component: Component): Subject | null {
  const { path, realPath, name, report, needs, allNeeds, role, loadedBy } = component;
  if (report === null || !isLoadable(report)) return null;
  const own = realPath ?? path;
  const module = role === 'opened-library' ? 'library' : 'module';
  return {
    id: shortHash(own),
    name,
    path: own,
    kind: loadedBy === null ? 'program' : module,
    libc: report.reason === 'static' ? 'static' : libcOf(report),
    needs: allNeeds ?? needs?.forcedBy ?? null,
    report,
  };
}

const NOT_LOADABLE: ReadonlySet<DependencyReport['reason']> = new Set([
  'not-elf',
  'malformed',
  'unreadable',
  'foreign-architecture',
]);

function isLoadable({ reason }: DependencyReport): boolean {
  return !NOT_LOADABLE.has(reason);
}

function libcOf({ interpreter, objects, missing, reason }: DependencyReport): 'glibc' | 'musl' {
  const names = [...objects, ...missing].map(({ soname }) => soname);
  const isMusl =
    reason === 'musl' ||
    (interpreter?.includes('/ld-musl-') ?? false) ||
    names.some((soname) => soname.startsWith('libc.musl-') || soname.startsWith('ld-musl-'));
  return isMusl ? 'musl' : 'glibc';
}
