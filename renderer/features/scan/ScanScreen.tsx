import { useIdleStatus } from '../../app/idle-status.ts';
import { Screen } from '../../app/Screen.tsx';
import { useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatMoment, formatPercent } from '../../ui/format.ts';
import { Heading } from '../../ui/Heading.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { FoundSoFar } from './FoundSoFar.tsx';
import { AddProgram } from '../settings/AddProgram.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { Progress } from '../../ui/Progress.tsx';

/** First step: before, while and after the machine is looked at. */
export function ScanScreen() {
  const running = useWizard((state) => state.scan.status === 'running');
  return (
    <Screen name="scan" stage={running ? 'running' : 'idle'} below={<ScanBar />}>
      {running ? (
        <Scanning />
      ) : (
        <div className="content">
          <BeforeScan />
          <FoundSoFar />
        </div>
      )}
    </Screen>
  );
}

function BeforeScan() {
  const { text, language } = useSpeech();
  const status = useWizard((state) => state.scan.status);
  const error = useWizard((state) => state.scan.error);
  const report = useWizard((state) => state.scan.report);
  const headings = {
    never: 'scan.first.heading',
    running: 'scan.running.heading',
    done: 'scan.done.heading',
    cancelled: 'scan.cancelled.heading',
    failed: 'scan.failed.heading',
  } as const;
  return (
    <>
      <Heading>{text(headings[status])}</Heading>
      {status === 'failed' && error !== null && (
        <Notice icon="problem" alert>
          <ErrorText error={error} />
        </Notice>
      )}
      {report !== null && (
        <p className="muted">
          {text('scan.last', { when: formatMoment(report.takenAt, language()) })}
        </p>
      )}
      <p>{text('scan.first.text')}</p>
      <ul className="promises">
        {(['scan.first.looks', 'scan.first.runsNothing', 'scan.first.changesNothing'] as const).map(
          (key) => (
            <li key={key}>
              <Icon name="ok" />
              {text(key)}
            </li>
          ),
        )}
      </ul>
    </>
  );
}

function Scanning() {
  const { text, say, language } = useSpeech();
  const work = useWizard((state) => state.scan.work);
  const phase = work.phase === null ? text('scan.running.begin') : say(work.phase);
  return (
    <div className="content scanning">
      <Heading>{text('scan.running.heading')}</Heading>
      <div className="job">
        <Icon name="info" />
        <div>
          <span>{phase}</span>
          <Progress label={text('scan.progress')} done={work.done} total={work.total} />
        </div>
        <span className="muted num">
          {work.total > 0 ? formatPercent(work.done, work.total, language()) : ''}
        </span>
      </div>
      <FoundSoFar />
    </div>
  );
}

function ScanBar() {
  const { wizard } = useDevmend();
  const { text } = useSpeech();
  const status = useWizard((state) => state.scan.status);
  const stopping = useWizard((state) => state.scan.work.stopping);
  const idle = useIdleStatus();
  if (status === 'running') {
    return (
      <ActionBar status={text(stopping ? 'scan.stopping' : 'scan.stop.explained')}>
        <Button disabled={stopping} onPress={() => wizard.stop()}>
          {text('scan.stop')}
        </Button>
      </ActionBar>
    );
  }
  return (
    <ActionBar status={text(idle)}>
      <AddProgram />
      <Button look="go" onPress={() => void wizard.scan()}>
        {text(status === 'never' ? 'scan.start' : 'scan.again')}
      </Button>
    </ActionBar>
  );
}
