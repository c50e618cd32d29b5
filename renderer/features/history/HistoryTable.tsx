import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { TransactionSummary } from '../../../shared/history.ts';
import { entryAt, indexOf, isNarrowed } from '../../state/history-pages.ts';
import { useDevmend, useHistory, useSpeech } from '../../state/window.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { formatWhen } from '../../ui/format.ts';
import { standingOf } from './status.ts';

const ROW_HEIGHT = 60;

/** The transactions, newest first. Only the rows in view are drawn, so ten thousand cost no more. */
export function HistoryTable() {
  const { history } = useDevmend();
  const { text } = useSpeech();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useHistory((state) => state.list);
  const narrowed = useHistory((state) => isNarrowed(state.filter));
  const current = useHistory((state) => state.current);
  const count = list.matching;
  const focusable = Math.max(0, indexOf(list, current));
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    // The row that the tab key goes to is always there; rows are read out in this order.
    rangeExtractor: (range) =>
      [
        ...new Set([...(focusable < count ? [focusable] : []), ...defaultRangeExtractor(range)]),
      ].sort((one, other) => one - other),
  });
  const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
  useEffect(() => {
    if (count > 0) void history.need(startIndex, Math.min(count - 1, endIndex));
  }, [history, list, count, startIndex, endIndex]);
  // A key that comes before the row is drawn goes on from where the last one led.
  const goal = useRef<number | null>(null);
  const show = (index: number) => {
    goal.current = index;
    virtual.scrollToIndex(index);
    void history.showAt(index);
    focusRow(scroller.current, index, () => {
      if (goal.current === index) goal.current = null;
    });
  };
  return (
    <div
      className="table"
      role="grid"
      aria-label={text('nav.history')}
      aria-rowcount={count + 1}
      onKeyDown={(event) => moveByKey(event, goal.current, count, show)}
    >
      <div role="rowgroup">
        <div role="row" className="table-row table-head" aria-rowindex={1}>
          {(['history.when', 'history.what', 'history.state', 'history.changes'] as const).map(
            (key) => (
              <div role="columnheader" key={key}>
                {text(key)}
              </div>
            ),
          )}
        </div>
      </div>
      <div className="table-body" ref={scroller} role="rowgroup">
        <div className="table-space" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = entryAt(list, item.index);
            const isCurrent = row !== null && row.id === current;
            return (
              <div
                key={item.key}
                role="row"
                ref={virtual.measureElement}
                data-index={item.index}
                data-transaction={row?.id}
                aria-rowindex={item.index + 2}
                aria-selected={isCurrent}
                aria-busy={row === null}
                tabIndex={item.index === focusable ? 0 : -1}
                className={isCurrent ? 'table-row current' : 'table-row'}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => void history.showAt(item.index)}
              >
                {row === null ? <EmptyCells /> : <Cells transaction={row} />}
              </div>
            );
          })}
        </div>
        {count === 0 && narrowed && (
          <div role="row" aria-rowindex={2}>
            <div role="gridcell" aria-colspan={4} className="muted table-empty">
              {text('history.noMatch')}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

/** The row may only be drawn after scrolling, which far away takes a few frames. */
function focusRow(
  scroller: HTMLElement | null,
  index: number,
  done: () => void,
  frames = 10,
): void {
  const row = scroller?.querySelector<HTMLElement>(`[data-index="${index}"]`);
  row?.focus({ preventScroll: true });
  if (row || frames === 0) done();
  else requestAnimationFrame(() => focusRow(scroller, index, done, frames - 1));
}

function moveByKey(
  event: KeyboardEvent,
  goal: number | null,
  count: number,
  show: (index: number) => void,
): void {
  const { index } = (event.target as HTMLElement).dataset;
  if (index === undefined) return;
  const at = goal ?? Number(index);
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(count - 1, at + 1),
    ArrowUp: Math.max(0, at - 1),
    PageDown: Math.min(count - 1, at + 8),
    PageUp: Math.max(0, at - 8),
    Home: 0,
    End: count - 1,
    Enter: at,
    ' ': at,
  };
  const next = moves[event.key];
  if (next === undefined) return;
  event.preventDefault();
  show(next);
}

/** A row that is on its way. */
function EmptyCells() {
  const { text } = useSpeech();
  return (
    <>
      <div role="gridcell" className="muted">
        <span className="visually-hidden">{text('history.loading')}</span>
        <span aria-hidden="true">…</span>
      </div>
      <div role="gridcell" />
      <div role="gridcell" />
      <div role="gridcell" />
    </>
  );
}

function Cells(props: { readonly transaction: TransactionSummary }) {
  const { text, say, language } = useSpeech();
  const { transaction } = props;
  const { tone, word } = standingOf(transaction);
  const { undoneBy } = transaction;
  const state =
    word === 'status.undone' && undoneBy !== null
      ? text('status.undoneAt', { when: formatWhen(undoneBy.at, language()) })
      : text(word);
  return (
    <>
      <div role="gridcell" className="num">
        {formatWhen(transaction.at, language())}
      </div>
      <div role="gridcell" className="what">
        <b>{say(transaction.title)}</b>{' '}
        {transaction.pinned && <span className="pinned">{text('pin.mark')}</span>}
        <span className="muted">{transaction.subjects.join(text('list.separator'))}</span>
      </div>
      <div role="gridcell">
        <Badge tone={tone}>{state}</Badge>
      </div>
      <div role="gridcell" className="num">
        {transaction.changes.length}
      </div>
    </>
  );
}
