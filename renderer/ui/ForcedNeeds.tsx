import type { ForcedNeed } from '../../shared/component.ts';
import { useApp, useSpeech } from '../state/window.tsx';
import { shortPath } from './format.ts';

/** Symbols named before the rest is only counted. */
const MOST_SYMBOLS = 12;

/** The symbol versions that cannot be done without, with the symbols and who asks for them. */
export function ForcedNeeds(props: { readonly needs: readonly ForcedNeed[] }) {
  const { text } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <ul className="plain forced">
      {props.needs.map((need) => (
        <li key={`${need.library} ${need.version} ${need.requiredBy}`}>
          <b>{need.version}</b>{' '}
          <span className="muted">
            {text('needs.asked', {
              library: need.library,
              path: shortPath(need.requiredBy, home),
            })}
          </span>
          {need.symbols.length > 0 && (
            <div className="mono">
              {need.symbols.slice(0, MOST_SYMBOLS).join(' · ')}
              {need.symbols.length > MOST_SYMBOLS && ` · +${need.symbols.length - MOST_SYMBOLS}`}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
