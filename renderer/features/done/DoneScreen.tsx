import type { ErrorData } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import { Screen } from '../../app/Screen.tsx';
import { useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { TerminalDrawer } from '../../terminal/TerminalDrawer.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Heading } from '../../ui/Heading.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Kept } from '../../ui/Kept.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { Verifications } from '../../ui/Verifications.tsx';
import { endingOf, type Ending } from './ending.ts';

/** Last step: what was proven, or why nothing was changed, and what to do next. */
export function DoneScreen() {
  const { repairTranscript } = useDevmend();
  const outcome = useWizard((state) => state.repair.outcome);
  const error = useWizard((state) => state.repair.error);
  const ending = endingOf(outcome, error);
  return (
    <Screen
      name="done"
      below={
        <>
          <TerminalDrawer
            transcript={repairTranscript}
            failed={['rolled-back', 'incomplete'].includes(ending)}
          />
          <DoneBar ending={ending} />
        </>
      }
    >
      <div className="content">
        {ending === 'repaired' ? (
          outcome !== null && <Repaired outcome={outcome} />
        ) : (
          <NotRepaired
            ending={ending}
            outcome={outcome}
            error={error ?? outcome?.failure ?? null}
          />
        )}
      </div>
    </Screen>
  );
}

function Repaired(props: { readonly outcome: TransactionOutcome }) {
  const { text, language } = useSpeech();
  const { outcome } = props;
  const review = useWizard((state) => state.plan.review);
  const repairs = review?.plan.repairs.length ?? 1;
  const changes = review?.previews.length ?? 0;
  return (
    <>
      <div className="hero">
        <Icon name="ok" />
        <Heading>{text('done.heading', { count: repairs })}</Heading>
      </div>
      <p>
        {text('done.text', {
          count: changes,
          time: formatDuration(outcome.durationMs, language()),
        })}
      </p>
      <RepairedList />
      <h2>{text('done.proven')}</h2>
      <Verifications verifications={outcome.verifications} />
      <KeptNotice outcome={outcome} />
      <h2>{text('done.next')}</h2>
      <ul className="next">
        <li>{text('done.next.restart')}</li>
        <li>{text('done.next.undo')}</li>
      </ul>
    </>
  );
}

function RepairedList() {
  const { say } = useSpeech();
  const review = useWizard((state) => state.plan.review);
  if (review === null) return null;
  return (
    <ul className="plain">
      {review.plan.repairs.map((repair) => (
        <li key={repair.finding} className="passed">
          <Icon name="ok" />
          <span>
            <b>{say(repair.title)}</b> <span className="muted">{say(repair.problem)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function KeptNotice(props: { readonly outcome: TransactionOutcome | null }) {
  if (props.outcome === null || props.outcome.kept.length === 0) return null;
  return (
    <Notice icon="warning">
      <Kept outcomes={[props.outcome]} />
    </Notice>
  );
}

function NotRepaired(props: {
  readonly ending: Exclude<Ending, 'repaired'>;
  readonly outcome: TransactionOutcome | null;
  readonly error: ErrorData | null;
}) {
  const { text } = useSpeech();
  const { ending, outcome, error } = props;
  const serious = ending === 'interrupted' || ending === 'incomplete';
  return (
    <>
      <div className="hero">
        <Icon name={ending === 'stopped' ? 'info' : serious ? 'problem' : 'warning'} />
        <Heading>{text(`done.${ending}.heading`)}</Heading>
      </div>
      <p>{text(`done.${ending}.text`)}</p>
      {error !== null && error.code !== 'cancelled' && (
        <Notice icon={serious ? 'problem' : 'warning'}>
          <ErrorText error={error} />
        </Notice>
      )}
      <KeptNotice outcome={outcome} />
      {outcome !== null && outcome.verifications.length > 0 && (
        <>
          <h2>{text('done.checked')}</h2>
          <Verifications verifications={outcome.verifications} />
        </>
      )}
    </>
  );
}

function DoneBar(props: { readonly ending: Ending }) {
  const { app, wizard } = useDevmend();
  const { text } = useSpeech();
  const repaired = props.ending === 'repaired';
  return (
    <ActionBar status={text(`done.${props.ending}.bar`)}>
      <Button onPress={() => app.go('history')}>{text('done.history')}</Button>
      {!repaired && (
        <Button onPress={() => wizard.dispatch({ type: 'step/visit', step: 'plan' })}>
          {text('done.backToPlan')}
        </Button>
      )}
      <Button look="go" onPress={() => void wizard.scan()}>
        {text('scan.again')}
      </Button>
    </ActionBar>
  );
}
