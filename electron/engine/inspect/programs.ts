import { fail, ok, type ErrorData, type Result } from '../../../shared/error.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import type { KnownProgram } from '../../../shared/inspection.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { LoaderSession } from '../elf/loader.ts';
import type { Machine } from '../machine.ts';
import { shortHash } from '../short-hash.ts';

/** Programs and modules of a scan that have been read, worst first, then by name. */
export function knownPrograms({ probes }: Snapshot): readonly KnownProgram[] {
  const known = new Map<string, KnownProgram>();
  const editors = new Map(
    (probes.editors.data?.editors ?? []).map(({ id, name }) => [id, name] as const),
  );
  const add = (
    path: string,
    name: string,
    kind: KnownProgram['kind'],
    report: DependencyReport | null,
    editorId: string | null,
  ): void => {
    if (report === null || report.reason === 'not-elf' || known.has(path)) return;
    const editor = editorId === null ? null : (editors.get(editorId) ?? null);
    const { verdict, objects } = report;
    known.set(path, {
      id: shortHash(path),
      name,
      path,
      kind,
      verdict,
      editor,
      libraries: objects.length,
    });
  };
  for (const { path, realPath, name, report, references } of probes.programs.data?.programs ?? []) {
    const owner = references.find((reference) => 'editorId' in reference);
    add(realPath ?? path, name, 'program', report, owner?.editorId ?? null);
  }
  for (const one of probes.components.data?.components ?? []) {
    if (one.variant !== 'loads') continue;
    const kind = one.loadedBy === null ? 'program' : 'module';
    add(one.realPath ?? one.path, one.name, kind, one.report, one.editorId);
  }
  const order = ['fails', 'unknown', 'starts'];
  return [...known.values()].sort(
    (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || (a.name < b.name ? -1 : 1),
  );
}

/** What the loader would do now with a program of the scan. `not-found` for an unknown id. */
export function dependenciesOf(
  machine: Machine,
  snapshot: Snapshot,
  id: string,
): Promise<Result<DependencyReport, ErrorData>> {
  const program = knownPrograms(snapshot).find((one) => one.id === id);
  if (program === undefined) return Promise.resolve(fail('not-found', { path: id }));
  return Promise.resolve(ok(reportOf(machine, snapshot, program)));
}

/** A module is judged inside the program that loads it, anything else as a process of its own. */
function reportOf(
  machine: Machine,
  { probes }: Snapshot,
  { path, kind }: KnownProgram,
): DependencyReport {
  const session = new LoaderSession(machine.root, { user: machine.user });
  const component = probes.components.data?.components.find(
    (one) => one.variant === 'loads' && (one.realPath ?? one.path) === path,
  );
  const loadedBy = kind === 'module' ? (component?.loadedBy ?? null) : null;
  const inside = loadedBy === null ? null : session.simulateOpening(loadedBy, path);
  return inside ?? session.simulate(path);
}
