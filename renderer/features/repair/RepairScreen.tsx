import { Screen } from '../../app/Screen.tsx';
import { useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { TerminalDrawer } from '../../terminal/TerminalDrawer.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Heading } from '../../ui/Heading.tsx';
import { JobSteps } from '../../ui/JobSteps.tsx';

/** Fourth step: the repair while it runs, and afterwards how it went. */
export function RepairScreen() {
  const { repairTranscript } = useDevmend();
  const { text, say } = useSpeech();
  const repair = useWizard((state) => state.repair);
  const failed = repair.work.steps.some((step) => step.state === 'failed');
  const phase = repair.status === 'running' ? repair.work.phase : null;
  return (
    <Screen
      name="repair"
      below={
        <>
          <TerminalDrawer transcript={repairTranscript} failed={failed} />
          <RepairBar />
        </>
      }
    >
      <div className="content">
        <Heading>
          {text(repair.status === 'running' ? 'repair.heading' : 'repair.finished')}
        </Heading>
        {phase !== null && <p className="muted">{say(phase)}</p>}
        <JobSteps work={repair.work} label={text('repair.steps')} />
      </div>
    </Screen>
  );
}

function RepairBar() {
  const { wizard } = useDevmend();
  const { text } = useSpeech();
  const status = useWizard((state) => state.repair.status);
  const stopping = useWizard((state) => state.repair.work.stopping);
  if (status !== 'running') {
    return (
      <ActionBar status={text('repair.finished.text')}>
        <Button look="go" onPress={() => wizard.dispatch({ type: 'step/visit', step: 'done' })}>
          {text('repair.showResult')}
        </Button>
      </ActionBar>
    );
  }
  return (
    <ActionBar status={text(stopping ? 'repair.stopping' : 'repair.stop.explained')}>
      <Button disabled={stopping} onPress={() => wizard.stop()}>
        {text('repair.stop')}
      </Button>
    </ActionBar>
  );
}
