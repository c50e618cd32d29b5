import { PAUSE_ABOVE, RESUME_BELOW } from '../../shared/job.ts';

/** Something whose output can be held back. */
export interface Pausable {
  readonly pause: () => void;
  readonly resume: () => void;
}

/**
 * Counts the characters of output that are on their way and holds the programs
 * back while there are too many. Numbers as in VS Code's terminal.
 */
export interface FlowControl {
  /** So many characters have been sent. */
  readonly sent: (characters: number) => void;
  /** So many have been taken in. More than were sent counts as all of them. */
  readonly taken: (characters: number) => void;
  /** A program whose output counts; answers how to take it out again. */
  readonly attach: (source: Pausable) => () => void;
  /** Nobody listens any more: never hold back again. */
  readonly release: () => void;
  readonly outstanding: () => number;
}

export function createFlowControl(): FlowControl {
  const sources = new Set<Pausable>();
  let outstanding = 0;
  let paused = false;
  let released = false;

  function setPaused(value: boolean): void {
    if (paused === value) return;
    paused = value;
    for (const source of sources) {
      if (value) source.pause();
      else source.resume();
    }
  }

  return {
    sent(characters) {
      if (released) return;
      outstanding += characters;
      if (outstanding > PAUSE_ABOVE) setPaused(true);
    },
    taken(characters) {
      outstanding = Math.max(0, outstanding - characters);
      if (outstanding < RESUME_BELOW) setPaused(false);
    },
    attach(source) {
      sources.add(source);
      if (paused) source.pause();
      return () => sources.delete(source);
    },
    release() {
      released = true;
      outstanding = 0;
      setPaused(false);
    },
    outstanding: () => outstanding,
  };
}
