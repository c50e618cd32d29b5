import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type KeyboardEvent } from 'react';
import type { Finding } from '../../../shared/finding.ts';
import { useApp, useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { severityIcon, SeverityBadge, severityWord } from '../../ui/Badge.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { EvidenceList } from '../findings/Evidence.tsx';

const ROW_HEIGHT = 58;

/**
 * Findings in the order in which they turn up: new ones are added below, nothing
 * moves under the pointer. One can be opened at once; it stays open when the scan
 * is finished.
 */
export function FoundSoFar() {
  const { text } = useSpeech();
  const found = useWizard((state) => state.scan.found);
  const current = useWizard((state) => state.current);
  if (found.length === 0) return null;
  const open = found.find((finding) => finding.id === current);
  return (
    <section className="found" aria-label={text('scan.found', { count: found.length })}>
      <h2>{text('scan.found', { count: found.length })}</h2>
      <div className="found-columns">
        <FoundRows found={found} current={open?.id ?? null} />
        {open !== undefined && <FoundDetail finding={open} />}
      </div>
    </section>
  );
}

function FoundRows(props: { readonly found: readonly Finding[]; readonly current: string | null }) {
  const { found, current } = props;
  const { wizard } = useDevmend();
  const { text, say } = useSpeech();
  const list = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    found.findIndex((finding) => finding.id === current),
  );
  const virtual = useVirtualizer({
    count: found.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => found[index]?.id ?? index,
    // The row that the tab key goes to is always there, wherever the list is scrolled to.
    rangeExtractor: (range) => {
      const drawn = defaultRangeExtractor(range);
      return drawn.includes(at) ? drawn : [...drawn, at].sort((a, b) => a - b);
    },
  });
  const show = (index: number) => {
    const finding = found[index];
    if (finding === undefined) return;
    wizard.dispatch({ type: 'findings/show', id: finding.id });
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => {
      list.current?.querySelector<HTMLElement>(`[data-index="${index}"] button`)?.focus();
    });
  };
  const focusable = current ?? found[0]?.id;
  return (
    <div className="found-list" ref={list} onKeyDown={(event) => onKey(event, found.length, show)}>
      <ul className="plain list-space" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const finding = found[item.index];
          if (finding === undefined) return null;
          return (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className="list-row"
              style={{ transform: `translateY(${item.start}px)` }}
              aria-posinset={item.index + 1}
              aria-setsize={found.length}
            >
              <div className={finding.id === current ? 'row current' : 'row'}>
                <button
                  type="button"
                  className="row-button found-row"
                  tabIndex={finding.id === focusable ? 0 : -1}
                  {...(finding.id === current ? { 'aria-current': true } : {})}
                  onClick={() => wizard.dispatch({ type: 'findings/show', id: finding.id })}
                >
                  <Icon name={severityIcon(finding.severity)} />
                  <span className="row-text">
                    <span className="visually-hidden">{text(severityWord(finding.severity))} </span>
                    <span className="title">{say(finding.title)}</span>
                    <span className="summary">{say(finding.summary)}</span>
                  </span>
                </button>
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What is known while the scan still runs; what can be done comes with its end. */
function FoundDetail(props: { readonly finding: Finding }) {
  const { finding } = props;
  const { text, say } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <article className="found-detail">
      <SeverityBadge severity={finding.severity} />
      <h3 className="h1">{say(finding.headline)}</h3>
      <p>{say(finding.impact)}</p>
      <EvidenceList evidence={finding.evidence} severity={finding.severity} home={home} />
      <p className="muted">{text('scan.detail.waiting')}</p>
    </article>
  );
}

function onKey(event: KeyboardEvent, count: number, show: (index: number) => void): void {
  const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  if (row?.dataset.index === undefined) return;
  const at = Number(row.dataset.index);
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(count - 1, at + 1),
    ArrowUp: Math.max(0, at - 1),
    Home: 0,
    End: count - 1,
  };
  const next = moves[event.key];
  if (next === undefined) return;
  event.preventDefault();
  show(next);
}
