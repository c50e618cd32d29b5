import type { TransactionOutcome } from '../../shared/history.ts';
import { useSpeech } from '../state/window.tsx';

/** What was left as it is: somebody's work, and with its reason what could not be put back. */
export function Kept(props: { readonly outcomes: readonly TransactionOutcome[] }) {
  const { text, say } = useSpeech();
  const unrestored = props.outcomes.flatMap((outcome) => outcome.unrestored ?? []);
  const lost = new Set(unrestored.map(({ target }) => target));
  const kept = props.outcomes.flatMap((outcome) => outcome.kept).filter((path) => !lost.has(path));
  return (
    <>
      {kept.length > 0 && (
        <div>
          {text('done.kept', { count: kept.length })}
          <ul className="plain mono">
            {kept.map((target) => (
              <li key={target}>{target}</li>
            ))}
          </ul>
        </div>
      )}
      {unrestored.length > 0 && (
        <ul className="plain">
          {unrestored.map(({ target, reason }) => (
            <li key={target}>{say(reason)}</li>
          ))}
        </ul>
      )}
    </>
  );
}
