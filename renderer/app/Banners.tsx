import { useApp, useDevmend, useSpeech } from '../state/window.tsx';
import { Button } from '../ui/Button.tsx';
import { formatWhen } from '../ui/format.ts';
import { ErrorText, Notice } from '../ui/Notice.tsx';

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
    </Notice>
  );
}

function RecoveredBanner() {
  const { app } = useDevmend();
  const { text, say } = useSpeech();
  const recovered = useApp((state) => state.recovered);
  const finished = useApp((state) => state.recovering === 'finished');
  if (!finished || recovered.length === 0) return null;
  const failed = recovered.filter(
    (outcome) => outcome.failure !== null && outcome.status === 'interrupted',
  );
  return (
    <Notice
      icon={failed.length === 0 ? 'ok' : 'problem'}
      alert
      actions={<Button onPress={() => app.go('history')}>{text('nav.history')}</Button>}
    >
      {text(failed.length === 0 ? 'recovery.done' : 'recovery.incomplete', {
        title: recovered.map((outcome) => say(outcome.title)).join(', '),
      })}
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
          {text('journal.locked', {
            program: lockedBy.program,
            pid: String(lockedBy.pid),
            since: formatWhen(lockedBy.since, language()),
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
