import { useEffect, useState } from 'react';
import type { StepState } from '../../shared/job.ts';
import type { StepView, WorkView } from '../app/wizard-state.ts';
import type { TextKey } from '../i18n/i18n.ts';
import { useSpeech } from '../state/window.tsx';
import { useAnnounce } from './Announcer.tsx';
import { formatDuration, formatPercent } from './format.ts';
import { Icon, type SeverityIcon } from './Icon.tsx';
import { Progress } from './Progress.tsx';

/** Milliseconds after which a step that still runs is said to take long. */
const LONG = 10_000;

const states: Readonly<Record<StepState, { icon: SeverityIcon; word: TextKey }>> = {
  waiting: { icon: 'unknown', word: 'stepState.waiting' },
  running: { icon: 'info', word: 'stepState.running' },
  done: { icon: 'ok', word: 'stepState.done' },
  failed: { icon: 'problem', word: 'stepState.failed' },
  undone: { icon: 'undone', word: 'stepState.undone' },
  skipped: { icon: 'unknown', word: 'stepState.skipped' },
};

/** The steps of a running or finished job, each with its state and how long it took. */
export function JobSteps(props: { readonly work: WorkView; readonly label: string }) {
  const { work } = props;
  const { say } = useSpeech();
  useStepAnnouncements(work.steps);
  if (work.steps.length === 0) {
    return (
      <div className="job">
        <Icon name="info" />
        <div>
          {work.phase !== null && <span>{say(work.phase)}</span>}
          <Progress label={props.label} done={work.done} total={work.total} />
        </div>
      </div>
    );
  }
  return (
    <ol className="plain jobs" aria-label={props.label}>
      {work.steps.map((step) => (
        <JobStep key={step.id} step={step} work={work} />
      ))}
    </ol>
  );
}

function JobStep(props: { readonly step: StepView; readonly work: WorkView }) {
  const { step, work } = props;
  const { text, say, language } = useSpeech();
  const running = step.state === 'running';
  const idle = step.state === 'waiting' || step.state === 'skipped';
  const title = say(step.title);
  return (
    <li className={idle ? 'job muted' : 'job'} data-state={step.state}>
      <Icon name={states[step.state].icon} />
      <div>
        {idle ? title : <b>{title}</b>}{' '}
        <span className="visually-hidden">{text(states[step.state].word)}</span>
        {step.detail !== null && <span className="muted">{say(step.detail)}</span>}
        {running && <Progress label={title} done={work.done} total={work.total} />}
        {running && step.startedAt !== null && <LongNotice startedAt={step.startedAt} />}
      </div>
      <span className="muted num">
        {running && work.total > 0 && formatPercent(work.done, work.total, language())}
        {!running && step.ms !== null && formatDuration(step.ms, language(), 'narrow')}
        {(step.state === 'undone' || step.state === 'failed' || step.state === 'skipped') && (
          <span aria-hidden="true"> {text(states[step.state].word)}</span>
        )}
      </span>
    </li>
  );
}

/** Appears when a step takes over ten seconds. */
function LongNotice(props: { readonly startedAt: number }) {
  const { text } = useSpeech();
  const [long, setLong] = useState(false);
  useEffect(() => {
    const left = Math.max(0, props.startedAt + LONG - performance.now());
    const timer = setTimeout(() => setLong(true), left);
    return () => clearTimeout(timer);
  }, [props.startedAt]);
  if (!long) return null;
  return (
    <p className="muted long" role="status">
      {text('repair.long')}
    </p>
  );
}

/** Says each step as it begins, ends or fails. */
function useStepAnnouncements(steps: readonly StepView[]): void {
  const { text, say } = useSpeech();
  const announce = useAnnounce();
  const telling = steps.find((step) => step.state === 'failed' || step.state === 'running');
  const sentence =
    telling === undefined ? '' : `${say(telling.title)}: ${text(states[telling.state].word)}`;
  useEffect(() => {
    if (sentence !== '') announce(sentence);
  }, [sentence, announce]);
}
