import type { MatrixReport } from '../../../shared/matrix.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';

/** Programs and modules of a scan against the tables of distributions and releases. */
export function matrixOf(snapshot: Snapshot): MatrixReport {
  return {
    schema: 'devmend.matrix/1',
    takenAt: snapshot.takenAt,
    systems: [],
    rows: [],
    editors: [],
    goExtensions: [],
    goTools: [],
    tables: [],
  };
}
