import type { TransactionOutcome } from '../../shared/history.ts';
import { useSpeech } from '../state/window.tsx';
import { Icon } from './Icon.tsx';

/** Each check after a repair, with what the program itself answered. */
export function Verifications(props: {
  readonly verifications: TransactionOutcome['verifications'];
}) {
  const { text, say } = useSpeech();
  return (
    <ul className="plain">
      {props.verifications.map((verification, index) => (
        <li key={index} className="card">
          <div className="card-head">
            <Icon name={verification.passed ? 'ok' : 'problem'} />
            <div className="grow">
              <b>{say(verification.title)}</b>
            </div>
            <span className="muted">
              {text(verification.passed ? 'verification.passed' : 'verification.failed')}
            </span>
          </div>
          {verification.output.trim() !== '' && (
            <pre className="answer mono" tabIndex={0} aria-label={say(verification.title)}>
              {verification.output.trimEnd()}
            </pre>
          )}
          {(verification.notes ?? []).map((note, position) => (
            <p key={position} className="note">
              <Icon name="warning" /> {say(note)}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
