import { useEffect, useState } from 'react';
import type { Transcript } from './transcript.ts';

/** Enough to read back; the rest is in what “Copy” and “Save…” give. */
const CHARACTERS = 20_000;
/** Milliseconds between two updates, however fast a program prints. */
const PAUSE = 200;

/**
 * The terminal as plain text, for screen readers: xterm draws on a canvas, and
 * its own reading mode speaks every line as it comes. This one keeps quiet until
 * somebody goes there.
 */
export function TranscriptText(props: { readonly transcript: Transcript; readonly label: string }) {
  const { transcript, label } = props;
  const [text, setText] = useState(() => transcript.plain(CHARACTERS));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const update = () => {
      timer ??= setTimeout(() => {
        timer = null;
        setText(transcript.plain(CHARACTERS));
      }, PAUSE);
    };
    update();
    const unwatch = transcript.watch(update);
    return () => {
      unwatch();
      if (timer !== null) clearTimeout(timer);
    };
  }, [transcript]);
  return (
    <div
      role="log"
      aria-live="off"
      aria-label={label}
      className="visually-hidden terminal-text"
      data-testid="terminal-text"
    >
      {text}
    </div>
  );
}
