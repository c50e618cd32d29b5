import { useRef, type KeyboardEvent } from 'react';
import type { Finding, ScanReport, Severity, Unchecked } from '../../../shared/finding.ts';
import { decisionOf, possibleRepairs } from '../../app/wizard-state.ts';
import { useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { severityIcon, severityWord } from '../../ui/Badge.tsx';
import { Icon, type SeverityIcon } from '../../ui/Icon.tsx';
import { AddProgram } from '../settings/AddProgram.tsx';
import { DismissedFindings } from './DismissedFindings.tsx';
import { PassedChecks } from './PassedChecks.tsx';
import { useVisibleFindings } from './visible.ts';

const groups = [
  ['error', 'findings.group.error'],
  ['warning', 'findings.group.warning'],
  ['info', 'findings.group.info'],
] as const satisfies readonly (readonly [Severity, string])[];

/** All findings by severity. Arrow keys walk the rows; the detail follows. */
export function FindingsList(props: { readonly report: ScanReport }) {
  const { text } = useSpeech();
  const list = useRef<HTMLDivElement>(null);
  const findings = useVisibleFindings();
  const { unchecked } = props.report;
  const current = useCurrentRow(findings, unchecked);
  return (
    <div
      className="list"
      ref={list}
      role="group"
      aria-label={text('findings.list')}
      onKeyDown={(event) => moveBetweenRows(event, list.current)}
    >
      {groups.map(([severity, title]) => {
        const rows = findings.filter((finding) => finding.severity === severity);
        if (rows.length === 0) return null;
        return (
          <section key={severity}>
            <h2 className="group">{text(title, { count: rows.length })}</h2>
            <ul className="plain">
              {rows.map((finding) => (
                <FindingRow key={finding.id} finding={finding} current={finding.id === current} />
              ))}
            </ul>
          </section>
        );
      })}
      {unchecked.length > 0 && (
        <section>
          <h2 className="group">{text('findings.group.unchecked')}</h2>
          <ul className="plain">
            {unchecked.map((item) => (
              <UncheckedRow key={item.id} item={item} current={item.id === current} />
            ))}
          </ul>
        </section>
      )}
      <PassedChecks report={props.report} />
      <DismissedFindings />
      <div className="list-foot">
        <AddProgram quiet />
      </div>
    </div>
  );
}

function useCurrentRow(findings: readonly Finding[], unchecked: readonly Unchecked[]): string {
  const current = useWizard((state) => state.current);
  const ids = [...findings, ...unchecked].map((item) => item.id);
  return current !== null && ids.includes(current) ? current : (ids[0] ?? '');
}

function moveBetweenRows(event: KeyboardEvent, list: HTMLElement | null): void {
  const moves: Readonly<Record<string, (index: number, last: number) => number>> = {
    ArrowDown: (index, last) => Math.min(last, index + 1),
    ArrowUp: (index) => Math.max(0, index - 1),
    Home: () => 0,
    End: (_index, last) => last,
  };
  const move = moves[event.key];
  if (move === undefined || list === null) return;
  const rows = [...list.querySelectorAll<HTMLElement>('[data-row]')];
  const index = rows.indexOf(event.target as HTMLElement);
  if (index < 0) return;
  event.preventDefault();
  const next = rows[move(index, rows.length - 1)];
  next?.focus();
  next?.click();
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
    <li className={current ? 'row current' : 'row'}>
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
    </li>
  );
}

function UncheckedRow(props: { readonly item: Unchecked; readonly current: boolean }) {
  const { item, current } = props;
  const { text, say } = useSpeech();
  return (
    <li className={current ? 'row current' : 'row'}>
      <Row
        id={item.id}
        current={current}
        icon="unknown"
        word={text('severity.unchecked')}
        title={say(item.title)}
        summary={say(item.reason)}
      />
    </li>
  );
}
