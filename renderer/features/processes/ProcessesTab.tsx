import { useEffect } from 'react';
import type { ProcessReport } from '../../../shared/process.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useSpeech } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { useAnnounce } from '../../ui/Announcer.tsx';
import { Unanswered, Waiting } from '../../ui/Answers.tsx';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { formatMoment, joinSentences } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ProcessCard } from './ProcessCard.tsx';
import { processGroups, type ProcessGroup } from './tree.ts';
import '../../theme/inspection.css';

/** What is running now, with which C library, and where it lives. */
export function ProcessesTab() {
  const { text, say, language } = useSpeech();
  const announce = useAnnounce();
  const asked = useAnswer('processes.show', {});
  const { value, error, waiting, again } = asked;
  const count = value?.processes.length ?? null;
  const takenAt = value?.takenAt ?? null;
  useEffect(() => {
    if (count !== null && takenAt !== null) announce(text('processes.count', { count }));
  }, [count, takenAt, text, announce]);
  const status =
    takenAt === null
      ? ''
      : joinSentences(
          [text('processes.when', { when: timeOf(takenAt, language()) }), text('processes.moment')],
          language(),
        );
  return (
    <>
      {error !== null && <Unanswered error={error} again={again} />}
      {error === null && value === null && (
        <Waiting>{say({ key: 'process.phase.reading', params: {} })}</Waiting>
      )}
      {error === null && value !== null && <Report report={value} />}
      <ActionBar status={status}>
        <Button look="go" disabled={waiting} onPress={again}>
          {text(waiting ? 'processes.looking' : 'processes.again')}
        </Button>
      </ActionBar>
    </>
  );
}

function timeOf(iso: string, language: 'en' | 'zh-CN'): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return formatMoment(iso, language);
  return new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' }).format(at);
}

function Report(props: { readonly report: ProcessReport }) {
  const { report } = props;
  const { text } = useSpeech();
  const groups = processGroups(report.processes);
  return (
    <div className="content inspection">
      {report.system.version !== null && (
        <p className="muted">{text('processes.system', { version: report.system.version })}</p>
      )}
      <Hidden report={report} />
      {groups.length === 0 && (
        <>
          <h2>{text('processes.none')}</h2>
          <p className="muted">{text('processes.none.text')}</p>
        </>
      )}
      {groups.map((group) => (
        <Group
          key={group.editor?.pid ?? 'others'}
          group={group}
          report={report}
          alone={groups.length === 1}
        />
      ))}
    </div>
  );
}

function Group(props: {
  readonly group: ProcessGroup;
  readonly report: ProcessReport;
  readonly alone: boolean;
}) {
  const { group, report } = props;
  const { text } = useSpeech();
  const { editor } = group;
  const name =
    editor === null
      ? text(props.alone ? 'processes.all' : 'processes.others')
      : text('processes.editor', { name: editor.name, pid: String(editor.pid) });
  return (
    <section aria-label={name}>
      <h2>{name}</h2>
      <ul className="plain">
        {group.branches.map(({ facts, depth }) => (
          <ProcessCard key={facts.pid} facts={facts} depth={depth} system={report.system} />
        ))}
      </ul>
    </section>
  );
}

/** What only root may see, and the command for it: run by the person, never from here. */
function Hidden(props: { readonly report: ProcessReport }) {
  const { notPermitted, asRoot } = props.report;
  const { say, text } = useSpeech();
  if (notPermitted === 0 && asRoot === null) return null;
  return (
    <Notice icon="unknown">
      <p>
        {notPermitted === 0
          ? say({ key: 'process.hidden-parts', params: {} })
          : say({ key: 'process.hidden', params: { count: notPermitted } })}
      </p>
      {asRoot !== null && (
        <>
          <p>{say({ key: 'process.as-root', params: {} })}</p>
          <div className="command-line">
            <code>{asRoot}</code>
            <CopyButton text={asRoot} what={text('processes.command')} />
          </div>
        </>
      )}
    </Notice>
  );
}
