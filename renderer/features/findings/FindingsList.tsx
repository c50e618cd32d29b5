import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Finding, ScanReport, Unchecked } from '../../../shared/finding.ts';
import type { Message } from '../../../shared/message.ts';
import { decisionOf, possibleRepairs } from '../../app/wizard-state.ts';
import { useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { severityIcon, severityWord } from '../../ui/Badge.tsx';
import { Icon, type SeverityIcon } from '../../ui/Icon.tsx';
import { AddProgram } from '../settings/AddProgram.tsx';
import { entriesOf, groupNames, groups, moveByKey, sizeOf, type Entry } from './entries.ts';
import { DismissedFindings } from './DismissedFindings.tsx';
import { PassedChecks } from './PassedChecks.tsx';
import { useVisibleFindings } from './visible.ts';

/** Height of a row before it has been measured, in pixels. */
const ROW_HEIGHT = 58;
/** From so many findings on, there is a field to filter them. */
const FILTER_FROM = 20;

/** All findings by severity. Arrow keys walk the rows; the detail follows. */
export function FindingsList(props: { readonly report: ScanReport }) {
  const { text, say } = useSpeech();
  const findings = useVisibleFindings();
  const { unchecked } = props.report;
  const [words, setWords] = useState('');
  const current = useCurrentRow(findings, unchecked);
  const entries = useMemo(() => {
    const wanted = words.trim().toLowerCase();
    const holds = (...messages: readonly Message[]) =>
      wanted === '' || messages.some((message) => say(message).toLowerCase().includes(wanted));
    return entriesOf(
      findings.filter((finding) => holds(finding.title, finding.summary)),
      unchecked.filter((item) => holds(item.title, item.reason)),
    );
  }, [findings, unchecked, words, say]);
  return (
    <div className="list-column">
      {findings.length >= FILTER_FROM && (
        <input
          type="search"
          className="input list-filter"
          aria-label={text('findings.filter')}
          placeholder={text('findings.filter')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      <Rows entries={entries} current={current}>
        {entries.length === 0 && (
          <p className="muted table-empty" role="status">
            {text('findings.filter.none')}
          </p>
        )}
        <PassedChecks report={props.report} />
        <DismissedFindings />
        <div className="list-foot">
          <AddProgram quiet />
        </div>
      </Rows>
    </div>
  );
}

/** The rows in view, under the headings of their groups; five thousand cost no more than fifty. */
function Rows(props: {
  readonly entries: readonly Entry[];
  readonly current: string;
  readonly children: ReactNode;
}) {
  const { entries } = props;
  const { wizard } = useDevmend();
  const { text, say } = useSpeech();
  const list = useRef<HTMLDivElement>(null);
  const shown = entries.findIndex((entry) => entry.id === props.current);
  // The filter may have hidden the current row; the tab key then goes to the first one.
  const at = shown < 0 ? entries.findIndex((entry) => entry.kind !== 'heading') : shown;
  const current = entries[at]?.id ?? '';
  const start = useRef(shown);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => list.current,
    estimateSize: (index) => (entries[index]?.kind === 'heading' ? 34 : ROW_HEIGHT),
    overscan: 12,
    getItemKey: (index) => entries[index]?.id ?? index,
    // The row that the tab key goes to is always there, wherever the list is scrolled to.
    rangeExtractor: (range) => {
      const drawn = defaultRangeExtractor(range);
      return at < 0 || drawn.includes(at) ? drawn : [...drawn, at].sort((a, b) => a - b);
    },
  });
  // What was opened while the scan ran is in view when the list takes over.
  useEffect(() => {
    if (start.current > 0) virtual.scrollToIndex(start.current, { align: 'center' });
  }, [virtual]);
  const show = (index: number) => {
    const entry = entries[index];
    if (entry === undefined || entry.kind === 'heading') return;
    wizard.dispatch({ type: 'findings/show', id: entry.id });
    virtual.scrollToIndex(index);
    // The row may only be drawn after scrolling.
    requestAnimationFrame(() => {
      list.current?.querySelector<HTMLElement>(`[data-index="${index}"] [data-row]`)?.focus();
    });
  };
  const title = (entry: Entry) => (entry.kind === 'heading' ? null : say(entry.item.title));
  const items = virtual.getVirtualItems();
  return (
    <div
      className="list"
      ref={list}
      role="group"
      aria-label={text('findings.list')}
      onKeyDown={(event) => moveByKey(event, entries, title, show)}
    >
      <div className="list-space" style={{ height: virtual.getTotalSize() }}>
        {groupNames.map((group) => {
          const drawn = items.filter((item) => entries[item.index]?.group === group);
          if (drawn.length === 0) return null;
          return (
            <section
              key={group}
              aria-label={text(groups[group], { count: sizeOf(entries, group) })}
            >
              <ul className="plain">
                {drawn.map((item) => (
                  <li
                    key={item.key}
                    ref={virtual.measureElement}
                    data-index={item.index}
                    className="list-row"
                    style={{ transform: `translateY(${item.start}px)` }}
                    {...positionOf(entries[item.index])}
                  >
                    <EntryRow entry={entries[item.index]} current={current} />
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
      {props.children}
    </div>
  );
}

/** For screen readers, which see only the rows that are drawn. */
function positionOf(entry: Entry | undefined) {
  return entry === undefined || entry.kind === 'heading'
    ? {}
    : { 'aria-posinset': entry.position, 'aria-setsize': entry.size };
}

function EntryRow(props: { readonly entry: Entry | undefined; readonly current: string }) {
  const { entry, current } = props;
  const { text } = useSpeech();
  switch (entry?.kind) {
    case undefined:
      return null;
    case 'heading':
      return <h2 className="group">{text(groups[entry.group], { count: entry.size })}</h2>;
    case 'finding':
      return <FindingRow finding={entry.item} current={entry.id === current} />;
    case 'unchecked':
      return <UncheckedRow item={entry.item} current={entry.id === current} />;
  }
}

function useCurrentRow(findings: readonly Finding[], unchecked: readonly Unchecked[]): string {
  const current = useWizard((state) => state.current);
  return useMemo(() => {
    const ids = [...findings, ...unchecked].map((item) => item.id);
    return current !== null && ids.includes(current) ? current : (ids[0] ?? '');
  }, [current, findings, unchecked]);
}

function Row(props: {
  readonly id: string;
  readonly current: boolean;
  readonly icon: SeverityIcon;
  readonly word: string;
  readonly title: string;
  readonly summary: string;
}) {
  const { wizard } = useDevmend();
  return (
    <button
      type="button"
      className="row-button"
      data-row
      // One stop of the tab key for the whole list; the arrow keys do the rest.
      tabIndex={props.current ? 0 : -1}
      {...(props.current ? { 'aria-current': true } : {})}
      onClick={() => wizard.dispatch({ type: 'findings/show', id: props.id })}
    >
      <Icon name={props.icon} />
      <span className="row-text">
        <span className="visually-hidden">{props.word} </span>
        <span className="title">{props.title}</span>
        <span className="summary">{props.summary}</span>
      </span>
    </button>
  );
}

function FindingRow(props: { readonly finding: Finding; readonly current: boolean }) {
  const { finding, current } = props;
  const { wizard } = useDevmend();
  const { text, say } = useSpeech();
  const selected = useWizard((state) => decisionOf(state, finding).selected);
  const running = useWizard((state) => state.repair.status === 'running');
  const title = say(finding.title);
  return (
    <div className={current ? 'row current' : 'row'}>
      <Row
        id={finding.id}
        current={current}
        icon={severityIcon(finding.severity)}
        word={text(severityWord(finding.severity))}
        title={title}
        summary={say(finding.summary)}
      />
      {possibleRepairs(finding).length > 0 && (
        <label className="check">
          <input
            type="checkbox"
            checked={selected}
            disabled={running}
            aria-label={text('findings.select', { title })}
            onChange={(event) =>
              wizard.dispatch({
                type: 'findings/select',
                id: finding.id,
                selected: event.target.checked,
              })
            }
          />
        </label>
      )}
    </div>
  );
}

function UncheckedRow(props: { readonly item: Unchecked; readonly current: boolean }) {
  const { item, current } = props;
  const { text, say } = useSpeech();
  return (
    <div className={current ? 'row current' : 'row'}>
      <Row
        id={item.id}
        current={current}
        icon="unknown"
        word={text('severity.unchecked')}
        title={say(item.title)}
        summary={say(item.reason)}
      />
    </div>
  );
}
