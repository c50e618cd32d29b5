import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { useId, useRef, type KeyboardEvent } from 'react';
import type { MatrixSystem } from '../../../shared/matrix.ts';
import { useSpeech } from '../../state/window.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { verdicts, type MatrixRow } from './words.ts';

const ROW_HEIGHT = 34;
const COLUMN_WIDTH = 118;
/** Width of the column of names; the style sheet knows it too. */
const NAME_WIDTH = 210;

export interface Place {
  readonly row: number;
  readonly column: number;
}

interface GridProps {
  readonly rows: readonly MatrixRow[];
  readonly systems: readonly MatrixSystem[];
  readonly place: Place;
  readonly onPlace: (place: Place) => void;
}

/**
 * Programs down, systems across. Only the cells in view are drawn, so that a
 * hundred programs on a hundred and fifty systems cost no more than ten on ten.
 * The grid itself has the focus and points at the chosen cell: a cell that is
 * scrolled out of the document takes no focus with it.
 */
export function MatrixGrid(props: GridProps) {
  const { rows, systems, place, onPlace } = props;
  const { text } = useSpeech();
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    scrollPaddingStart: 62,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: systems.length,
    getScrollElement: () => box.current,
    estimateSize: () => COLUMN_WIDTH,
    overscan: 3,
    scrollPaddingStart: NAME_WIDTH,
    getItemKey: (index) => systems[index]?.id ?? index,
  });
  const go = (next: Place) => {
    onPlace(next);
    down.scrollToIndex(next.row);
    across.scrollToIndex(next.column);
  };
  const columns = across.getVirtualItems();
  const lines = down.getVirtualItems();
  const drawn =
    lines.some(({ index }) => index === place.row) &&
    columns.some(({ index }) => index === place.column);
  const cellId = (row: number, column: number) => `${id}-${row}-${column}`;
  const width = NAME_WIDTH + across.getTotalSize();
  return (
    <div
      ref={box}
      className="matrix"
      role="grid"
      tabIndex={0}
      aria-label={text('matrix.grid')}
      aria-rowcount={rows.length + 1}
      aria-colcount={systems.length + 1}
      {...(drawn ? { 'aria-activedescendant': cellId(place.row, place.column) } : {})}
      onKeyDown={(event) => moveByKey(event, props, go)}
    >
      <div role="rowgroup" className="matrix-head" style={{ width }}>
        <Head systems={systems} columns={columns} current={place.column} />
      </div>
      <div role="rowgroup" className="matrix-body" style={{ width, height: down.getTotalSize() }}>
        {lines.map((line) => {
          const row = rows[line.index];
          return row === undefined ? null : (
            <div
              key={line.key}
              role="row"
              className="matrix-row"
              aria-rowindex={line.index + 2}
              style={{ top: line.start, width }}
            >
              <div role="rowheader" className="matrix-name" aria-colindex={1} title={row.path}>
                {row.name}
              </div>
              {columns.map((column) => (
                <Cell
                  key={column.key}
                  id={cellId(line.index, column.index)}
                  row={row}
                  system={systems[column.index]}
                  column={column}
                  current={line.index === place.row && column.index === place.column}
                  onChoose={() => onPlace({ row: line.index, column: column.index })}
                />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head(props: {
  readonly systems: readonly MatrixSystem[];
  readonly columns: readonly VirtualItem[];
  readonly current: number;
}) {
  const { text } = useSpeech();
  return (
    <div role="row" className="matrix-row" aria-rowindex={1}>
      <div role="columnheader" className="matrix-name" aria-colindex={1}>
        {text('matrix.program')}
      </div>
      {props.columns.map(({ index, key, start }) => {
        const system = props.systems[index];
        if (system === undefined) return null;
        const here = system.id === 'this-machine';
        return (
          <div
            key={key}
            role="columnheader"
            aria-colindex={index + 2}
            className={index === props.current ? 'matrix-system current' : 'matrix-system'}
            style={{ left: NAME_WIDTH + start }}
            title={here ? system.name : `${system.name} ${system.version}`}
          >
            <b>{here ? text('matrix.here') : system.name}</b>
            <span>{here ? system.name : system.version}</span>
            <span className="muted num">{`${system.libc} ${system.libcVersion}`}</span>
          </div>
        );
      })}
    </div>
  );
}

function Cell(props: {
  readonly id: string;
  readonly row: MatrixRow;
  readonly system: MatrixSystem | undefined;
  readonly column: VirtualItem;
  readonly current: boolean;
  readonly onChoose: () => void;
}) {
  const { row, system, column, current } = props;
  const { text, say } = useSpeech();
  const cell = row.cells.find((one) => one.system === system?.id);
  if (cell === undefined) return null;
  const { icon, word } = verdicts[cell.verdict];
  return (
    <div
      role="gridcell"
      id={props.id}
      aria-colindex={column.index + 2}
      aria-selected={current}
      aria-label={`${text(word)}. ${say(cell.reason)}`}
      className={`matrix-cell ${cell.verdict}${current ? ' current' : ''}`}
      style={{ left: NAME_WIDTH + column.start }}
      onClick={props.onChoose}
    >
      <Icon name={icon} />
      {text(word)}
    </div>
  );
}

function moveByKey(event: KeyboardEvent, grid: GridProps, go: (place: Place) => void): void {
  const { row, column } = grid.place;
  const lastRow = grid.rows.length - 1;
  const lastColumn = grid.systems.length - 1;
  const control = event.ctrlKey;
  const moves: Readonly<Record<string, Place>> = {
    ArrowDown: { row: row + 1, column },
    ArrowUp: { row: row - 1, column },
    ArrowRight: { row, column: column + 1 },
    ArrowLeft: { row, column: column - 1 },
    PageDown: { row: row + 10, column },
    PageUp: { row: row - 10, column },
    Home: { row: control ? 0 : row, column: 0 },
    End: { row: control ? lastRow : row, column: lastColumn },
  };
  const next = moves[event.key];
  if (next === undefined) return;
  event.preventDefault();
  go({
    row: Math.max(0, Math.min(lastRow, next.row)),
    column: Math.max(0, Math.min(lastColumn, next.column)),
  });
}
