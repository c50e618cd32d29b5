import type { MatrixVerdict } from '../../../shared/matrix.ts';
import type { Message } from '../../../shared/message.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import { useSpeech } from '../../state/window.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { verdicts } from './words.ts';

/** What goes together is not started. */
const fits: Readonly<Partial<Record<MatrixVerdict, TextKey>>> = {
  runs: 'matrix.fits',
  fails: 'matrix.unfit',
};

/** A verdict with its reason below it: whether something starts, or goes with what is here. */
export function Fit(props: {
  readonly of: 'start' | 'pair';
  readonly fit: { readonly verdict: MatrixVerdict; readonly reason: Message };
}) {
  const { fit } = props;
  const { text, say } = useSpeech();
  const { icon, word } = verdicts[fit.verdict];
  const said = props.of === 'pair' ? (fits[fit.verdict] ?? word) : word;
  return (
    <td className="fit">
      <span className="fit-word">
        <Icon name={icon} />
        {text(said)}
      </span>
      <span className="muted">{say(fit.reason)}</span>
    </td>
  );
}
