import { useState } from 'react';
import type { PlanReview } from '../../../shared/plan.ts';
import { useIdleStatus } from '../../app/idle-status.ts';
import { Screen } from '../../app/Screen.tsx';
import { useApp, useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { useAnnounce } from '../../ui/Announcer.tsx';
import { Button } from '../../ui/Button.tsx';
import { ChangeCard } from '../../ui/ChangeCard.tsx';
import { formatBytes, formatDuration } from '../../ui/format.ts';
import { Heading } from '../../ui/Heading.tsx';
import { ErrorText, Notice } from '../../ui/Notice.tsx';
import { Progress } from '../../ui/Progress.tsx';

/** Third step: every file and command of the repairs, before anything is touched. */
export function PlanScreen() {
  const plan = useWizard((state) => state.plan);
  return (
    <Screen name="plan" stage={plan.status} below={<PlanBar />}>
      <div className="content">
        {plan.status === 'ready' && plan.review !== null ? (
          <Review review={plan.review} />
        ) : plan.status === 'failed' && plan.error !== null ? (
          <Failed />
        ) : (
          <Working />
        )}
      </div>
    </Screen>
  );
}

function Working() {
  const { text, say } = useSpeech();
  const work = useWizard((state) => state.plan.work);
  return (
    <>
      <Heading>{text('plan.working')}</Heading>
      <p className="muted">{work.phase === null ? text('plan.working.text') : say(work.phase)}</p>
      <Progress label={text('plan.working')} done={work.done} total={work.total} />
    </>
  );
}

function Failed() {
  const { text } = useSpeech();
  const error = useWizard((state) => state.plan.error);
  return (
    <>
      <Heading>{text('plan.failed')}</Heading>
      {error !== null && (
        <Notice icon="problem" alert>
          <ErrorText error={error} />
        </Notice>
      )}
    </>
  );
}

function Review(props: { readonly review: PlanReview }) {
  const { text, say } = useSpeech();
  const { plan, previews } = props.review;
  const privileged = useApp((state) => state.info?.privilegedRepairs ?? 'available');
  const heading = [
    text('plan.repairs', { count: plan.repairs.length }),
    text('plan.changes', { count: previews.length }),
  ].join(text('list.separator'));
  return (
    <>
      <Heading>{heading}</Heading>
      <p className="muted">{text('plan.intro')}</p>
      {props.review.needsRoot && privileged !== 'available' && (
        <Notice icon="warning">{text(`plan.rootOff.${privileged}`)}</Notice>
      )}
      {plan.repairs.map((repair) => (
        <section key={repair.finding}>
          <h2>{say(repair.title)}</h2>
          <ul className="plain">
            {previews
              .filter((preview) => repair.changes.includes(preview.change))
              .map((preview) => (
                <ChangeCard key={preview.change} preview={preview} />
              ))}
          </ul>
        </section>
      ))}
      {plan.verifications.length > 0 && (
        <section>
          <h2>{text('plan.verifications')}</h2>
          <ul className="verifications">
            {plan.verifications.map((verification, index) => (
              <li key={index}>{say(verification.title)}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function PlanBar() {
  const { wizard } = useDevmend();
  const { text } = useSpeech();
  const plan = useWizard((state) => state.plan);
  const repair = useWizard((state) => state.repair);
  const idle = useIdleStatus();
  const locked = useApp((state) => state.recovery?.lockedBy ?? null) !== null;
  const readOnly = useApp((state) => state.recovery?.readOnly ?? false);
  const privileged = useApp((state) => state.info?.privilegedRepairs ?? 'available');
  const back = () => wizard.dispatch({ type: 'step/visit', step: 'findings' });
  if (plan.status === 'working') {
    return (
      <ActionBar status={text(idle)}>
        <Button disabled={plan.work.stopping} onPress={() => wizard.stop()}>
          {text('cancel')}
        </Button>
      </ActionBar>
    );
  }
  if (plan.review === null) {
    return (
      <ActionBar status={text(idle)}>
        <Button onPress={back}>{text('back')}</Button>
        <Button look="go" onPress={() => void wizard.makePlan()}>
          {text('plan.again')}
        </Button>
      </ActionBar>
    );
  }
  const applied = repair.status === 'running' || repair.outcome?.failure === null;
  const impossible = plan.review.needsRoot && privileged !== 'available';
  return (
    <ActionBar status={applied ? text('plan.applied') : <Needs review={plan.review} />}>
      <Button onPress={back}>{text('back')}</Button>
      <SaveButton plan={plan.review.plan.id} />
      <Button
        look="go"
        disabled={applied || locked || readOnly || impossible}
        onPress={() => void wizard.apply()}
      >
        {text('plan.apply', { count: plan.review.plan.repairs.length })}
      </Button>
    </ActionBar>
  );
}

/** Rights, space and time in one line. */
function Needs(props: { readonly review: PlanReview }) {
  const { text, language } = useSpeech();
  const { plan, needsRoot, freeBytes } = props.review;
  const size = formatBytes(plan.bytes, language());
  const parts = [
    text(needsRoot ? 'plan.rights.root' : 'plan.rights.user'),
    freeBytes === null
      ? size
      : text('plan.space', { size, free: formatBytes(freeBytes, language()) }),
    text('plan.time', { time: formatDuration(plan.seconds * 1000, language()) }),
  ];
  return <>{parts.join(' · ')}</>;
}

function SaveButton(props: { readonly plan: string }) {
  const { client } = useDevmend();
  const { text } = useSpeech();
  const announce = useAnnounce();
  const [saved, setSaved] = useState(false);
  const save = async () => {
    const result = await client.call('plan.save', { plan: props.plan });
    setSaved(result.ok && result.value.saved);
    if (!result.ok) announce(text('save.failed'));
    else if (result.value.saved) announce(text('plan.saved'));
  };
  return (
    <Button onPress={() => void save()}>{text(saved ? 'plan.savedButton' : 'plan.save')}</Button>
  );
}
