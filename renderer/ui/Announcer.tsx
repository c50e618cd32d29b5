import { createContext, use, useCallback, useState, type ReactNode } from 'react';

const AnnounceContext = createContext<(sentence: string) => void>(() => undefined);

/** One polite live region for the whole window: what just happened, in a sentence. */
export function Announcer(props: { readonly children: ReactNode }) {
  const [sentence, setSentence] = useState('');
  const announce = useCallback((next: string) => setSentence(next), []);
  return (
    <AnnounceContext value={announce}>
      {props.children}
      <div role="status" className="visually-hidden" data-testid="announcer">
        {sentence}
      </div>
    </AnnounceContext>
  );
}

/** Says a sentence to screen readers without moving the focus. */
export function useAnnounce(): (sentence: string) => void {
  return use(AnnounceContext);
}
