import { isCurrentSystem } from '../../../shared/inspection-words.ts';
import type { MatrixReport, MatrixSystem, MatrixVerdict } from '../../../shared/matrix.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import type { SeverityIcon } from '../../ui/Icon.tsx';

export type MatrixRow = MatrixReport['rows'][number];

/** How a verdict is shown; the short word is for narrow cells. */
export const verdicts: Readonly<Record<MatrixVerdict, { icon: SeverityIcon; word: TextKey }>> = {
  runs: { icon: 'ok', word: 'matrix.runs' },
  fails: { icon: 'problem', word: 'matrix.fails' },
  unknown: { icon: 'unknown', word: 'matrix.unknown' },
  'not-applicable': { icon: 'info', word: 'matrix.notApplicable' },
};

/** `current`, `all`, or the name of a distribution. */
export type Scope = string;

/** The columns of a scope; this machine is always the first. */
export function systemsOf(report: MatrixReport, scope: Scope): readonly MatrixSystem[] {
  return report.systems.filter(
    (system) =>
      system.id === 'this-machine' ||
      scope === 'all' ||
      (scope === 'current' ? isCurrentSystem(system, report.takenAt) : system.name === scope),
  );
}

/** Names of the distributions in the table, in alphabetical order. */
export function distributionsOf({ systems }: MatrixReport): readonly string[] {
  const names = systems.flatMap(({ id, name }) => (id === 'this-machine' ? [] : [name]));
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en'));
}

/** Rows whose name or path holds the words; those that start nowhere or not here come first. */
export function rowsOf({ rows }: MatrixReport, words: string): readonly MatrixRow[] {
  const wanted = words.trim().toLowerCase();
  const failures = ({ cells }: MatrixRow) =>
    cells.filter(({ verdict }) => verdict === 'fails').length;
  return rows
    .filter(({ name, path }) => `${name}\n${path}`.toLowerCase().includes(wanted))
    .sort((a, b) => failures(b) - failures(a) || a.name.localeCompare(b.name, 'en'));
}
