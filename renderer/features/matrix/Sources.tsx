import type { MatrixReport } from '../../../shared/matrix.ts';
import { useSpeech } from '../../state/window.tsx';

/** Where a table's facts are from, below it. */
export function Sources(props: {
  readonly report: MatrixReport;
  readonly tables: readonly string[];
}) {
  const { text } = useSpeech();
  const shown = props.report.tables.filter(({ name }) => props.tables.includes(name));
  return (
    <ul className="plain sources muted">
      {shown.map(({ name, built, source }) => (
        <li key={name}>{text('matrix.source', { built, source })}</li>
      ))}
    </ul>
  );
}
