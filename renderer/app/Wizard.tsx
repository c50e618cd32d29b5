import { useEffect, useRef } from 'react';
import { assertNever } from '../../shared/error.ts';
import { DoneScreen } from '../features/done/DoneScreen.tsx';
import { FindingsScreen } from '../features/findings/FindingsScreen.tsx';
import { PlanScreen } from '../features/plan/PlanScreen.tsx';
import { RepairScreen } from '../features/repair/RepairScreen.tsx';
import { ScanScreen } from '../features/scan/ScanScreen.tsx';
import { useSpeech, useWizard } from '../state/window.tsx';
import { useAnnounce } from '../ui/Announcer.tsx';
import { stepNames } from './StepsBar.tsx';
import { wizardSteps, type WizardStep } from './wizard-state.ts';

/** The current step of the wizard. */
export function Wizard() {
  const step = useWizard((state) => state.step);
  useStepAnnouncement(step);
  switch (step) {
    case 'scan':
      return <ScanScreen />;
    case 'findings':
      return <FindingsScreen />;
    case 'plan':
      return <PlanScreen />;
    case 'repair':
      return <RepairScreen />;
    case 'done':
      return <DoneScreen />;
    default:
      return assertNever(step);
  }
}

/** Says which step has been reached; the stream in the terminal is not read out. */
function useStepAnnouncement(step: WizardStep): void {
  const { text } = useSpeech();
  const announce = useAnnounce();
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    const number = wizardSteps.indexOf(step) + 1;
    announce(
      text('step.announcement', {
        number,
        total: wizardSteps.length,
        name: text(stepNames[step]),
      }),
    );
  }, [step, text, announce]);
}
