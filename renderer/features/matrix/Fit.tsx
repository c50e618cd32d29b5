import type { MatrixVerdict } from '../../../shared/matrix.ts';
import type { Message } from '../../../shared/message.ts';
import { useSpeech } from '../../state/window.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { verdicts } from './words.ts';

/** A verdict with its reason below it. */
export function Fit(props: {
  readonly fit: { readonly verdict: MatrixVerdict; readonly reason: Message };
}) {
  const { fit } = props;
  const { text, say } = useSpeech();
  const { icon, word } = verdicts[fit.verdict];
  return (
    <td className="fit">
      <span className="fit-word">
        <Icon name={icon} />
        {text(word)}
      </span>
      <span className="muted">{say(fit.reason)}</span>
    </td>
  );
}
