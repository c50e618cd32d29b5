import type { MatrixReport, MatrixSystem } from '../../../shared/matrix.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { tables, type DistributionRelease } from '../data/tables.ts';
import { judgeHere, judgeOn } from './matrix-cells.ts';
import { editorRows } from './matrix-editors.ts';
import { goExtensionRows, goToolRows } from './matrix-go.ts';
import { subjectsOf, type Subject } from './matrix-rows.ts';
import { glibcFloor, newestFirst } from './needs.ts';

type Row = MatrixReport['rows'][number];

/** Needs shown with a row: the newest decide, the oldest are in every distribution. */
const MOST_NEEDS = 12;

/** Programs and modules of a scan against the tables of distributions and releases. */
export function matrixOf(snapshot: Snapshot): MatrixReport {
  const known = tables();
  const here = thisMachine(snapshot);
  const { systems } = known.distributions;
  return {
    schema: 'devmend.matrix/1',
    takenAt: snapshot.takenAt,
    systems: [
      ...(here === null ? [] : [here]),
      ...systems.map((system) => systemOf(system, known.distributions.sources)),
    ],
    rows: subjectsOf(snapshot).map((subject) => rowOf(subject, systems, here !== null)),
    editors: editorRows(snapshot, known.vscode),
    goExtensions: goExtensionRows(snapshot, known),
    goTools: goToolRows(snapshot, known.goTools),
    tables: Object.entries({
      distributions: known.distributions,
      'vscode-releases': known.vscode,
      'go-extension-releases': known.goExtensions,
      'go-tools': known.goTools,
    }).map(([name, { _meta }]) => ({ name, built: _meta.built, source: _meta.source })),
  };
}

function systemOf(
  system: DistributionRelease,
  sources: Readonly<Record<string, string>>,
): MatrixSystem {
  const { id, name, version, libc, libcVersion, endOfLife, verified } = system;
  const source = sources[system.source] ?? '';
  return { id, name, version, libc, libcVersion, endOfLife, verified, source };
}

/** The column of the machine itself; null where it has no C library to speak of. */
function thisMachine({ probes }: Snapshot): MatrixSystem | null {
  const libc = probes.libc.data;
  if (libc === null || libc.kind === 'none') return null;
  const file = probes.packages.data?.libcFile ?? null;
  return {
    id: 'this-machine',
    name: probes.distribution.data?.prettyName ?? '',
    version: probes.distribution.data?.versionId ?? '',
    libc: libc.kind,
    libcVersion: file?.release ?? libc.libc?.highest['GLIBC'] ?? '',
    endOfLife: null,
    verified: true,
    source: libc.libc?.path ?? libc.interpreter ?? '',
  };
}

function rowOf(subject: Subject, systems: readonly DistributionRelease[], here: boolean): Row {
  const { id, name, path, kind, needs } = subject;
  return {
    id,
    name,
    path,
    kind,
    needs: newestFirst(needs ?? []).slice(0, MOST_NEEDS),
    glibcFloor: subject.libc === 'glibc' ? glibcFloor(needs ?? []) : null,
    cells: [
      ...(here ? [{ system: 'this-machine', ...judgeHere(subject) }] : []),
      ...systems.map((system) => ({ system: system.id, ...judgeOn(subject, system) })),
    ],
  };
}
