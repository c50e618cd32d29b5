import { useEffect, useRef } from 'react';
import type { RecoveryStatus } from '../../shared/history.ts';
import { useApp, useDevmend, useSpeech } from '../state/window.tsx';
import { Button } from '../ui/Button.tsx';
import { formatWhen, shortPath } from '../ui/format.ts';
import { Kept } from '../ui/Kept.tsx';
import { ErrorText, Notice } from '../ui/Notice.tsx';
import { Path } from '../ui/Path.tsx';

/** The banner must leave room for the screen below it. */
const MOST_BEGUN = 5;

/** What concerns every screen: interrupted repairs, another Devmend at work, a call that failed. */
export function Banners() {
  return (
    <>
      <InterruptedBanner />
      <RecoveredBanner />
      <JournalBanners />
      <ProblemBanner />
    </>
  );
}

function InterruptedBanner() {
  const { app } = useDevmend();
  const { text, say, language } = useSpeech();
  const interrupted = useApp((state) => state.recovery?.interrupted);
  const running = useApp((state) => state.recovering === 'running');
  const first = interrupted?.[0];
  if (interrupted === undefined || first === undefined) return null;
  const params = {
    title: say(first.title),
    when: formatWhen(first.at, language()),
    done: first.done,
    total: first.total,
  };
  return (
    <Notice
      icon="warning"
      alert
      actions={
        <Button look="go" disabled={running} onPress={() => void app.recover()}>
          {text(running ? 'recovery.running' : 'recovery.start')}
        </Button>
      }
    >
      <b>{text('recovery.interrupted', { count: interrupted.length })}</b>{' '}
      {text('recovery.explained', params)}
      <WhatWasBegun interrupted={interrupted} />
    </Notice>
  );
}

/** How far every interrupted repair had come; what had not been begun has changed nothing. */
function WhatWasBegun(props: { readonly interrupted: RecoveryStatus['interrupted'] }) {
  const { text, say } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const begun = props.interrupted.flatMap(({ id, changes }) =>
    changes.flatMap((change) =>
      change.state === 'waiting' ? [] : [{ ...change, state: change.state, id }],
    ),
  );
  if (begun.length === 0) return <div>{text('recovery.nothingChanged')}</div>;
  return (
    <ul className="later">
      {begun.slice(0, MOST_BEGUN).map(({ id, title, target, state }) => (
        <li key={`${id} ${target} ${title.key}`}>
          {text(state === 'done' ? 'recovery.change.done' : 'recovery.change.begun', {
            title: say(title),
          })}{' '}
          <span className="mono">
            <Path>{shortPath(target, home)}</Path>
          </span>
        </li>
      ))}
      {begun.length > MOST_BEGUN && (
        <li>{text('recovery.change.more', { count: begun.length - MOST_BEGUN })}</li>
      )}
    </ul>
  );
}

function RecoveredBanner() {
  const { app } = useDevmend();
  const { text, say } = useSpeech();
  const recovered = useApp((state) => state.recovered);
  const finished = useApp((state) => state.recovering === 'finished');
  const message = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    // The button that was pressed is gone: the focus would be nowhere.
    if (finished && document.activeElement === document.body) message.current?.focus();
  }, [finished, recovered]);
  if (!finished || recovered.length === 0) return null;
  const failed = recovered.filter(
    (outcome) => outcome.status === 'interrupted' || outcome.unrestored !== undefined,
  );
  return (
    <Notice
      icon={failed.length === 0 ? 'ok' : 'problem'}
      alert
      actions={<Button onPress={() => app.go('history')}>{text('nav.history')}</Button>}
    >
      <span ref={message} tabIndex={-1}>
        {text(failed.length === 0 ? 'recovery.done' : 'recovery.incomplete', {
          title: recovered.map((outcome) => say(outcome.title)).join(text('list.separator')),
        })}
      </span>
      <Kept outcomes={recovered} />
    </Notice>
  );
}

function JournalBanners() {
  const { app } = useDevmend();
  const { text, language } = useSpeech();
  const lockedBy = useApp((state) => state.recovery?.lockedBy ?? null);
  const readOnly = useApp((state) => state.recovery?.readOnly ?? false);
  return (
    <>
      {readOnly && <Notice icon="warning">{text('journal.readOnly')}</Notice>}
      {lockedBy !== null && (
        <Notice
          icon="info"
          actions={
            <Button onPress={() => void app.refreshRecovery()}>{text('journal.checkAgain')}</Button>
          }
        >
          {lockedBy.seconds === undefined
            ? text(lockedBy.since === '' ? 'journal.locked.noTime' : 'journal.locked', {
                program: lockedBy.program,
                pid: String(lockedBy.pid),
                since: formatWhen(lockedBy.since, language()),
              })
            : text('journal.locked.elsewhere', {
                program: lockedBy.program,
                seconds: lockedBy.seconds,
              })}
        </Notice>
      )}
    </>
  );
}

function ProblemBanner() {
  const { app } = useDevmend();
  const { text } = useSpeech();
  const problem = useApp((state) => state.problem);
  if (problem === null || problem.code === 'cancelled') return null;
  return (
    <Notice
      icon="problem"
      alert
      actions={<Button onPress={() => app.forgetProblem()}>{text('close')}</Button>}
    >
      <ErrorText error={problem} />
    </Notice>
  );
}
