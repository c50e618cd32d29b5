import { useDevmend, useSpeech } from '../../state/window.tsx';
import { Button } from '../../ui/Button.tsx';
import { useDismissedFindings } from './visible.ts';

/** Findings put away for good, each with the way back. */
export function DismissedFindings() {
  const { app } = useDevmend();
  const { text, say } = useSpeech();
  const dismissed = useDismissedFindings();
  if (dismissed.length === 0) return null;
  return (
    <details className="group-details">
      <summary>{text('findings.dismissed', { count: dismissed.length })}</summary>
      <ul className="plain">
        {dismissed.map((finding) => (
          <li key={finding.id} className="passed">
            <span className="grow">{say(finding.title)}</span>
            <Button
              look="quiet"
              small
              label={text('dismiss.undo.label', { title: say(finding.title) })}
              onPress={() => void app.dismiss(finding.id, false)}
            >
              {text('dismiss.undo')}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}
