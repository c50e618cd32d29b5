import type { TextKey } from '../i18n/i18n.ts';
import { useApp } from '../state/window.tsx';

/** What the bar says while nothing runs: that nothing has been changed, unless a repair is half done. */
export function useIdleStatus(): TextKey {
  const interrupted = useApp((state) => (state.recovery?.interrupted.length ?? 0) > 0);
  return interrupted ? 'done.interrupted.bar' : 'bar.nothingChanged';
}
