import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, type KeyboardEvent } from 'react';
import type { TransactionSummary } from '../../../shared/history.ts';
import { useDevmend, useHistory, useSpeech } from '../../state/window.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { formatWhen } from '../../ui/format.ts';
import { filterTransactions, statuses } from './status.ts';

const ROW_HEIGHT = 60;

/** The transactions, newest first. Only the rows in view are drawn, so ten thousand cost no more. */
export function HistoryTable() {
  const { history } = useDevmend();
  const { text, say, language } = useSpeech();
  const scroller = useRef<HTMLDivElement>(null);
  const transactions = useHistory((state) => state.transactions);
  const filter = useHistory((state) => state.filter);
  const current = useHistory((state) => state.current);
  const tongue = language();
  const rows = useMemo(
    () =>
      filterTransactions(transactions, filter, {
        title: (transaction) => say(transaction.title),
        status: (transaction) => text(statuses[transaction.status].word),
        language: tongue,
      }),
    [transactions, filter, tongue, say, text],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const show = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    void history.show(row.id);
    virtual.scrollToIndex(index);
    // The row may only be drawn after scrolling.
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
    });
  };
  const focusable = rows.some((row) => row.id === current) ? current : (rows[0]?.id ?? null);
  return (
    <div
      className="table"
      role="grid"
      aria-label={text('nav.history')}
      aria-rowcount={rows.length + 1}
      onKeyDown={(event) => moveByKey(event, rows.length, show)}
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
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={item.key}
                role="row"
                ref={virtual.measureElement}
                data-index={item.index}
                data-transaction={row.id}
                aria-rowindex={item.index + 2}
                aria-selected={row.id === current}
                tabIndex={row.id === focusable ? 0 : -1}
                className={row.id === current ? 'table-row current' : 'table-row'}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => void history.show(row.id)}
              >
                <Cells transaction={row} />
              </div>
            );
          })}
        </div>
        {rows.length === 0 && filter !== '' && (
          <p className="muted table-empty" role="status">
            {text('history.noMatch')}
          </p>
        )}
      </div>
    </div>
  );
}

function moveByKey(event: KeyboardEvent, count: number, show: (index: number) => void): void {
  const { index } = (event.target as HTMLElement).dataset;
  if (index === undefined) return;
  const at = Number(index);
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

function Cells(props: { readonly transaction: TransactionSummary }) {
  const { text, say, language } = useSpeech();
  const { transaction } = props;
  const { tone, word } = statuses[transaction.status];
  const { undoneBy } = transaction;
  const state =
    transaction.status === 'undone' && undoneBy !== null
      ? text('status.undoneAt', { when: formatWhen(undoneBy.at, language()) })
      : text(word);
  return (
    <>
      <div role="gridcell" className="num">
        {formatWhen(transaction.at, language())}
      </div>
      <div role="gridcell" className="what">
        <b>{say(transaction.title)}</b>
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
