import { useState } from 'react';
import type { ComponentLine, ComponentReport } from '../../../shared/component.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useApp, useSpeech, useWizard } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { NeverScanned, Unanswered, Waiting } from '../../ui/Answers.tsx';
import { formatMoment, shortPath } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { ComponentCard } from './ComponentCard.tsx';
import { isTrouble, needsOf } from './words.ts';
import '../../theme/inspection.css';

type Group = ComponentReport['groups'][number];

/** What editors and Go load that nothing else shows, by editor, worst first. */
export function ComponentsTab() {
  const { text, language } = useSpeech();
  const takenAt = useWizard((state) => state.scan.report?.takenAt ?? null);
  const asked = useAnswer('components.show', {}, takenAt);
  const programs = useAnswer('programs.list', {}, takenAt);
  if (asked.error !== null) return <Unanswered error={asked.error} again={asked.again} />;
  if (asked.value === null) return <Waiting>{text('components.waiting')}</Waiting>;
  const { report } = asked.value;
  if (report === null) return <NeverScanned>{text('components.never')}</NeverScanned>;
  const runnable = new Set(
    (programs.value?.programs ?? []).flatMap(({ id, kind }) => (kind === 'program' ? [id] : [])),
  );
  return (
    <>
      <Report report={report} runnable={runnable} />
      <ActionBar
        status={
          takenAt === null ? '' : text('clear.when', { when: formatMoment(takenAt, language()) })
        }
      />
    </>
  );
}

function Report(props: {
  readonly report: ComponentReport;
  readonly runnable: ReadonlySet<string>;
}) {
  const { report } = props;
  const { text } = useSpeech();
  const [onlyProblems, setOnlyProblems] = useState(false);
  const all = report.groups.flatMap((group) => group.components);
  const troubled = all.filter(isTrouble).length;
  if (all.length === 0) {
    return (
      <div className="content">
        <h2>{text('components.none')}</h2>
        <p className="muted">{text('components.none.text')}</p>
      </div>
    );
  }
  const present = ['GLIBC', 'GLIBCXX', 'CXXABI']
    .flatMap((family) => (report.present[family] ? [`${family} ${report.present[family]}`] : []))
    .map((version, index) =>
      // Said where the versions do not say it: glibc 2.31 defines none of its own.
      index > 0 || report.glibcRelease === null || report.glibcRelease === report.present.GLIBC
        ? version
        : text('components.release', { version, release: `glibc ${report.glibcRelease}` }),
    )
    .join(' · ');
  return (
    <div className="content inspection">
      <div className="inspection-head">
        <p className="grow">
          {troubled === 0
            ? text('components.fine', { count: all.length })
            : text('components.troubled', { count: troubled })}{' '}
          <span className="muted">{text('components.present', { versions: present })}</span>
        </p>
        <label className="inline-check">
          <input
            type="checkbox"
            checked={onlyProblems}
            onChange={(event) => setOnlyProblems(event.target.checked)}
          />
          {text('components.onlyProblems')}
        </label>
      </div>
      {onlyProblems && troubled === 0 && (
        <p className="hero">
          <Icon name="ok" />
          {text('components.onlyProblems.none')}
        </p>
      )}
      {report.groups.map((group) => (
        <GroupView
          key={group.editorId ?? ''}
          group={group}
          onlyProblems={onlyProblems}
          runnable={props.runnable}
        />
      ))}
    </div>
  );
}

function GroupView(props: {
  readonly group: Group;
  readonly onlyProblems: boolean;
  readonly runnable: ReadonlySet<string>;
}) {
  const { group, onlyProblems, runnable } = props;
  const { text } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const used = group.components.filter(({ state }) => state !== 'not-used');
  const shown = onlyProblems ? used.filter(isTrouble) : used;
  const unused = onlyProblems ? [] : group.components.filter(({ state }) => state === 'not-used');
  if (shown.length === 0 && unused.length === 0) return null;
  const name = group.editorId === null ? text('components.go') : `${group.name} ${group.version}`;
  const needs = needsOf(group.needs).join(' · ');
  return (
    <section aria-label={name}>
      <h2>{name}</h2>
      <p className="muted group-about">
        {group.directory !== '' && <span className="mono">{shortPath(group.directory, home)}</span>}{' '}
        {needs !== '' && text('components.needsAtLeast', { needs })}
      </p>
      <Cards lines={shown} runnable={runnable} />
      {unused.length > 0 && (
        <details className="group-details">
          <summary>{text('components.unused', { count: unused.length })}</summary>
          <Cards lines={unused} runnable={runnable} />
        </details>
      )}
    </section>
  );
}

function Cards(props: {
  readonly lines: readonly ComponentLine[];
  readonly runnable: ReadonlySet<string>;
}) {
  return (
    <ul className="plain">
      {props.lines.map((line) => (
        <ComponentCard
          key={line.id}
          line={line}
          runnable={line.program !== null && props.runnable.has(line.program)}
        />
      ))}
    </ul>
  );
}
