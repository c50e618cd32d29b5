import { useMemo, useState } from 'react';
import type { MatrixReport } from '../../../shared/matrix.ts';
import { useApp, useSpeech } from '../../state/window.tsx';
import { ForcedNeeds } from '../../ui/ForcedNeeds.tsx';
import { shortPath } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { MatrixGrid, type Place } from './MatrixGrid.tsx';
import { Sources } from './Sources.tsx';
import { distributionsOf, rowsOf, systemsOf, verdicts, type Scope } from './words.ts';

/** Programs and modules found here, against distributions by their C library. */
export function ProgramMatrix(props: { readonly report: MatrixReport }) {
  const { report } = props;
  const { text } = useSpeech();
  const [scope, setScope] = useState<Scope>('current');
  const [words, setWords] = useState('');
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 });
  const systems = useMemo(() => systemsOf(report, scope), [report, scope]);
  const rows = useMemo(() => rowsOf(report, words), [report, words]);
  // What is filtered away cannot be pointed at.
  const at = {
    row: Math.min(place.row, Math.max(0, rows.length - 1)),
    column: Math.min(place.column, Math.max(0, systems.length - 1)),
  };
  if (report.rows.length === 0) {
    return (
      <div className="content">
        <h2>{text('matrix.none')}</h2>
        <p className="muted">{text('matrix.none.text')}</p>
      </div>
    );
  }
  return (
    <>
      <div className="graph-bar matrix-bar">
        <input
          type="search"
          className="input"
          aria-label={text('matrix.search')}
          placeholder={text('matrix.search')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <label className="inline-check">
          {text('matrix.scope')}
          <select
            className="input"
            value={scope}
            onChange={(event) => setScope(event.target.value)}
          >
            <option value="current">{text('matrix.scope.current')}</option>
            <option value="all">{text('matrix.scope.all')}</option>
            {distributionsOf(report).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span className="muted" role="status">
          {text('matrix.size', { rows: rows.length, columns: systems.length })}
        </span>
      </div>
      {rows.length === 0 ? (
        <p className="content muted">{text('graph.search.none')}</p>
      ) : (
        <>
          <MatrixGrid rows={rows} systems={systems} place={at} onPlace={setPlace} />
          <CellDetail report={report} rows={rows} systems={systems} place={at} />
        </>
      )}
    </>
  );
}

/** The chosen cell in full: who, where, and why. */
function CellDetail(props: {
  readonly report: MatrixReport;
  readonly rows: ReturnType<typeof rowsOf>;
  readonly systems: ReturnType<typeof systemsOf>;
  readonly place: Place;
}) {
  const { text, say } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const row = props.rows[props.place.row];
  const system = props.systems[props.place.column];
  const cell = row?.cells.find((one) => one.system === system?.id);
  if (row === undefined || system === undefined || cell === undefined) return null;
  const { icon, word } = verdicts[cell.verdict];
  const here = system.id === 'this-machine';
  const name = `${system.name} ${system.version}`;
  const sentence = here
    ? 'matrix.system.here'
    : system.verified
      ? 'matrix.system'
      : 'matrix.system.unverified';
  return (
    <section className="graph-detail matrix-detail" aria-label={text('matrix.detail')}>
      <Icon name={icon} />
      <div className="grow">
        <b>
          {here
            ? text('matrix.cell.here', { name: row.name })
            : text('matrix.cell', { name: row.name, system: name })}
        </b>{' '}
        {text(word)}
        <div>{say(cell.reason)}</div>
        <div className="muted">
          <span className="mono">{shortPath(row.path, home)}</span>{' '}
          {row.glibcFloor !== null && text('matrix.floor', { version: row.glibcFloor })}
        </div>
        {row.needs.length > 0 && (
          <details>
            <summary>{text('needs.why')}</summary>
            <ForcedNeeds needs={row.needs} />
          </details>
        )}
        <p className="muted sources">
          {text(sentence, {
            name,
            libc: `${system.libc} ${system.libcVersion}`,
            source: system.source,
          })}
        </p>
        <Sources report={props.report} tables={['distributions']} />
      </div>
    </section>
  );
}
