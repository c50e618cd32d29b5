import { useEffect, useState } from 'react';
import type { Finding } from '../../../shared/finding.ts';
import type { KnownProgram } from '../../../shared/inspection.ts';
import { useApp, useDevmend, useSpeech, useWizard } from '../../state/window.tsx';
import { SeverityBadge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { formatMoment } from '../../ui/format.ts';
import { Heading } from '../../ui/Heading.tsx';
import { EvidenceList } from './Evidence.tsx';
import { RepairChoices } from './RepairChoices.tsx';

/** One finding: what is wrong, what it means, what it rests on, what can be done. */
export function FindingDetail(props: { readonly finding: Finding }) {
  const { finding } = props;
  const { app } = useDevmend();
  const { text, say, language } = useSpeech();
  const takenAt = useWizard((state) => state.scan.report?.takenAt ?? '');
  const running = useWizard((state) => state.repair.status === 'running');
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <article className="detail">
      <SeverityBadge severity={finding.severity} />
      <Heading>{say(finding.headline)}</Heading>
      <p>{say(finding.impact)}</p>
      <h2>{text('evidence.heading')}</h2>
      <EvidenceList evidence={finding.evidence} severity={finding.severity} home={home} />
      {finding.repairs.length > 0 && <RepairChoices finding={finding} />}
      {finding.repairs.length === 0 && <p className="muted">{text('repairs.none')}</p>}
      <ShowGraph path={finding.affected[0] ?? null} />
      <div className="detail-foot">
        <span className="muted">
          {text('evidence.when', { when: formatMoment(takenAt, language()) })}
        </span>
        <span className="muted mono finding-id">
          {finding.id}
          <CopyButton text={finding.id} what={text('evidence.id')} />
        </span>
        <Button
          look="quiet"
          small
          disabled={running}
          onPress={() => void app.dismiss(finding.id, true)}
        >
          {text('dismiss')}
        </Button>
      </div>
    </article>
  );
}

/** The ways to the dependency graph and a launch of what a finding is about; only where the scan knows the program. */
function ShowGraph(props: { readonly path: string | null }) {
  const { app, client } = useDevmend();
  const { text } = useSpeech();
  const [program, setProgram] = useState<KnownProgram | null>(null);
  const { path } = props;
  useEffect(() => {
    let wanted = true;
    void client.call('programs.list', {}).then((result) => {
      const known = result.ok ? result.value.programs.find((one) => one.path === path) : undefined;
      if (wanted) setProgram(known ?? null);
    });
    return () => {
      wanted = false;
    };
  }, [client, path]);
  if (program === null) return null;
  return (
    <p className="actions">
      <Button
        look="quiet"
        small
        onPress={() => app.go('machine', { tab: 'graph', program: program.id })}
      >
        {text('graph.show')}
      </Button>
      {program.kind === 'program' && program.verdict !== 'starts' && (
        <Button
          look="quiet"
          small
          onPress={() => app.go('machine', { tab: 'trace', program: program.id })}
        >
          {text('trace.way')}
        </Button>
      )}
    </p>
  );
}
