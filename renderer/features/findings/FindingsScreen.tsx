import { Screen } from '../../app/Screen.tsx';
import { useIdleStatus } from '../../app/idle-status.ts';
import { possibleRepairs, selectedFindings } from '../../app/wizard-state.ts';
import { useApp, useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { ActionBar } from '../../ui/ActionBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { AllClear } from './AllClear.tsx';
import { FindingDetail } from './FindingDetail.tsx';
import { FindingsList } from './FindingsList.tsx';
import { UncheckedDetail } from './UncheckedDetail.tsx';
import { useVisibleFindings } from './visible.ts';

/** Second step: what was found, what it rests on, and what to do about it. */
export function FindingsScreen() {
  const report = useWizard((state) => state.scan.report);
  const findings = useVisibleFindings();
  if (report === null) return <Screen name="findings">{null}</Screen>;
  const clear = findings.length === 0 && report.unchecked.length === 0;
  return (
    <Screen name="findings" stage={String(findings.length)} below={<FindingsBar />}>
      {clear ? (
        <AllClear report={report} />
      ) : (
        <div className="columns">
          <FindingsList report={report} />
          <CurrentDetail />
        </div>
      )}
    </Screen>
  );
}

function CurrentDetail() {
  const report = useWizard((state) => state.scan.report);
  const current = useWizard((state) => state.current);
  const findings = useVisibleFindings();
  const unchecked = report?.unchecked.find((item) => item.id === current);
  if (unchecked !== undefined) return <UncheckedDetail key={unchecked.id} item={unchecked} />;
  const finding = findings.find((item) => item.id === current) ?? findings[0];
  if (finding !== undefined) return <FindingDetail key={finding.id} finding={finding} />;
  const first = report?.unchecked[0];
  return first === undefined ? null : <UncheckedDetail key={first.id} item={first} />;
}

function FindingsBar() {
  const { wizard } = useDevmend();
  const { text } = useSpeech();
  const dismissed = useApp((state) => state.settings?.dismissed);
  const count = useWizard((state) => selectedFindings(state, dismissed ?? []).length);
  const busy = useWizard((state) => state.repair.status === 'running');
  const repaired = useWizard((state) => state.repair.outcome?.failure === null);
  const planned = useWizard(
    (state) => state.plan.status === 'ready' || state.plan.status === 'working',
  );
  const idle = useIdleStatus();
  const status = busy ? 'bar.repairRunning' : repaired ? 'done.repaired.bar' : idle;
  const findings = useVisibleFindings();
  // Where nothing can be repaired there is nothing to choose either.
  const offered = planned || findings.some((finding) => possibleRepairs(finding).length > 0);
  const review = () => {
    if (planned) wizard.dispatch({ type: 'step/visit', step: 'plan' });
    else void wizard.makePlan();
  };
  return (
    <ActionBar status={text(status)}>
      <Button look={offered ? 'plain' : 'go'} disabled={busy} onPress={() => void wizard.scan()}>
        {text('scan.again')}
      </Button>
      {offered && (
        <Button look="go" disabled={count === 0 && !planned} onPress={review}>
          {count === 0 ? text('plan.review.none') : text('plan.review', { count })}
        </Button>
      )}
    </ActionBar>
  );
}
