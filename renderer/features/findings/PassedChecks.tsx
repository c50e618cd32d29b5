import type { ScanReport } from '../../../shared/finding.ts';
import { useSpeech } from '../../state/window.tsx';
import { Icon } from '../../ui/Icon.tsx';

/** Checks that looked at something and found it fine, with how much they looked at. */
export function PassedChecks(props: { readonly report: ScanReport; readonly open?: boolean }) {
  const { text, say } = useSpeech();
  const { passed } = props.report;
  if (passed.length === 0) return null;
  return (
    <details className="group-details" open={props.open ?? false}>
      <summary>{text('findings.passed', { count: passed.length })}</summary>
      <ul className="plain">
        {passed.map((check) => (
          <li key={check.check} className="passed">
            <Icon name="ok" />
            <span>{say(check.title)}</span>
            <span className="muted num">
              {text('findings.examined', { count: check.examined })}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
