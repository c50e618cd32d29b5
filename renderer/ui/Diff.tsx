import type { DiffLine } from '../../shared/plan.ts';
import { useSpeech } from '../state/window.tsx';

const looks = { '+': 'added', '-': 'removed', ' ': 'same' } as const;
/** The typographic minus, as wide as the plus. */
const signs = { '+': '+', '-': '−', ' ': ' ' } as const;

/** Lines that go and lines that come, told apart by sign, word and colour. */
export function Diff(props: { readonly lines: readonly DiffLine[]; readonly label: string }) {
  const { text } = useSpeech();
  const digits = Math.max(0, ...props.lines.map((line) => String(line.line ?? '').length));
  const words = { '+': text('diff.added'), '-': text('diff.removed'), ' ': '' } as const;
  return (
    // Long lines scroll sideways; the keyboard must be able to get there.
    <div className="diff" role="group" aria-label={props.label} tabIndex={0}>
      <div className="diff-lines">
        {props.lines.map((line, index) => (
          <div key={index} className={looks[line.sign]}>
            <span aria-hidden="true">{signs[line.sign]} </span>
            {words[line.sign] !== '' && (
              <span className="visually-hidden">{words[line.sign]} </span>
            )}
            {line.line !== null && (
              <span className="diff-number">{String(line.line).padStart(digits)} </span>
            )}
            {line.text}
          </div>
        ))}
      </div>
    </div>
  );
}
