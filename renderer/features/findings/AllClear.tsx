import type { ScanReport } from '../../../shared/finding.ts';
import { useSpeech } from '../../state/window.tsx';
import { formatMoment } from '../../ui/format.ts';
import { Heading } from '../../ui/Heading.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { AddProgram } from '../settings/AddProgram.tsx';
import { DismissedFindings } from './DismissedFindings.tsx';
import { PassedChecks } from './PassedChecks.tsx';

/** Nothing found and everything checked; or nothing there to check. */
export function AllClear(props: { readonly report: ScanReport }) {
  const { text, language } = useSpeech();
  const { passed, takenAt } = props.report;
  const examined = passed.reduce((sum, check) => sum + check.examined, 0);
  const empty = examined === 0;
  return (
    <div className="content">
      <div className="hero">
        <Icon name={empty ? 'unknown' : 'ok'} />
        <Heading>{text(empty ? 'clear.nothing.heading' : 'clear.heading')}</Heading>
      </div>
      <p>{text(empty ? 'clear.nothing.text' : 'clear.text')}</p>
      <p className="muted">{text('clear.when', { when: formatMoment(takenAt, language()) })}</p>
      <PassedChecks report={props.report} open />
      <DismissedFindings />
      <p className="list-foot">
        <AddProgram />
      </p>
    </div>
  );
}
