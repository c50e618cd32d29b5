import { Fragment } from 'react';
import type { TextKey } from '../i18n/i18n.ts';
import { useDevmend, useSpeech, useWizard } from '../state/window.tsx';
import { Icon } from '../ui/Icon.tsx';
import { canVisit, isFailed, isFinished, wizardSteps, type WizardStep } from './wizard-state.ts';

export const stepNames: Readonly<Record<WizardStep, TextKey>> = {
  scan: 'step.scan',
  findings: 'step.findings',
  plan: 'step.plan',
  repair: 'step.repair',
  done: 'step.done',
};

/** The wizard's steps, always in view. Those whose work is done can be visited again. */
export function StepsBar() {
  const { text } = useSpeech();
  return (
    <nav className="steps" aria-label={text('steps.label')}>
      <ol>
        {wizardSteps.map((step, index) => (
          <Fragment key={step}>
            {index > 0 && <Seam after={wizardSteps[index - 1] ?? 'scan'} />}
            <Step step={step} number={index + 1} />
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}

/** The stretch between two steps; stitched once the step before it is finished. */
function Seam(props: { readonly after: WizardStep }) {
  const done = useWizard((state) => isFinished(state, props.after));
  return <li className={done ? 'seam done' : 'seam'} aria-hidden="true" />;
}

function Step(props: { readonly step: WizardStep; readonly number: number }) {
  const { step, number } = props;
  const { wizard } = useDevmend();
  const { text } = useSpeech();
  const current = useWizard((state) => state.step === step);
  const done = useWizard((state) => isFinished(state, step));
  const failed = useWizard((state) => isFailed(state, step));
  const visitable = useWizard((state) => canVisit(state, step));
  const look = current ? 'step current' : done ? 'step done' : failed ? 'step failed' : 'step';
  const mark = current ? null : done ? 'check' : failed ? 'cross' : null;
  const content = (
    <>
      <b aria-hidden="true">{mark === null ? number : <Icon name={mark} />}</b>
      <span className="step-name">{text(stepNames[step])}</span>
      {done && <span className="visually-hidden">{text('step.finished')}</span>}
      {failed && <span className="visually-hidden">{text('step.failed')}</span>}
    </>
  );
  if (current || !visitable) {
    return (
      <li className={look} {...(current ? { 'aria-current': 'step' as const } : {})}>
        {content}
      </li>
    );
  }
  return (
    <li className={look}>
      <button
        type="button"
        className="step-button"
        onClick={() => wizard.dispatch({ type: 'step/visit', step })}
      >
        {content}
      </button>
    </li>
  );
}
