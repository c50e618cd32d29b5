import { useCallback, useEffect, useState } from 'react';
import type { CallName, InputOf, OutputOf } from '../../shared/contract.ts';
import type { ErrorData } from '../../shared/error.ts';
import { useDevmend } from './window.tsx';

/** What a call answered: nothing yet, a value, or why not. */
export interface Asked<T> {
  readonly value: T | null;
  readonly error: ErrorData | null;
  /** A question is on its way; `value` is then the answer to the one before. */
  readonly waiting: boolean;
  readonly again: () => void;
}

/** Asks when the view appears, when `when` changes, and on demand. Late answers are dropped. */
export function useAnswer<N extends CallName>(
  name: N,
  input: InputOf<N>,
  when: string | null = null,
): Asked<OutputOf<N>> {
  const { client } = useDevmend();
  const [round, setRound] = useState(0);
  const [asked, setAsked] = useState<Omit<Asked<OutputOf<N>>, 'again'>>({
    value: null,
    error: null,
    waiting: true,
  });
  const words = JSON.stringify(input);
  useEffect(() => {
    let wanted = true;
    void client.call(name, JSON.parse(words) as InputOf<N>).then((result) => {
      if (!wanted) return;
      setAsked(
        result.ok
          ? { value: result.value, error: null, waiting: false }
          : { value: null, error: result.error, waiting: false },
      );
    });
    return () => {
      wanted = false;
    };
  }, [client, name, words, when, round]);
  const again = useCallback(() => {
    setAsked((now) => ({ ...now, waiting: true }));
    setRound((now) => now + 1);
  }, []);
  return { ...asked, again };
}
