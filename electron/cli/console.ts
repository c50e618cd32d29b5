import type { Writable } from 'node:stream';
import type { Language } from '../../shared/messages/translate.ts';
import { printable, printableJson } from './render/untrusted.ts';
import { createStyle } from './render/style.ts';
import type { Style } from './render/style.ts';

/** A place to write text for a person to. */
export interface Screen {
  readonly style: Style;
  readonly columns: number;
  readonly isTerminal: boolean;
  /** Writes whole lines. */
  readonly lines: (lines: readonly string[]) => void;
  /** Writes as it is: an unfinished line, a cursor movement. Only where `isTerminal`. */
  readonly control: (text: string) => void;
}

/** Everything of the outside world that a command touches. */
export interface Console {
  readonly language: Language;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: Screen;
  readonly err: Screen;
  /** Whether a question can be asked: keys come from a terminal and the question reaches one. */
  readonly interactive: boolean;
  /** The one object on stdout of `--json`. */
  readonly json: (document: object) => void;
  /** Resolves when everything written has left the process, or can never leave it. */
  readonly flush: () => Promise<void>;
}

interface TerminalStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const DEFAULT_COLUMNS = 80;
/** Beyond this, lines are hard to read; before it, paths break. */
const WIDEST = 110;
const NARROWEST = 40;

/** The console of this process. */
export function processConsole(language: Language): Console {
  const environment = process.env;
  const out = watchedStream(process.stdout);
  const err = watchedStream(process.stderr);
  return {
    language,
    environment,
    out: screen(process.stdout, out.write, environment),
    err: screen(process.stderr, err.write, environment),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    json: (document) => out.write(`${printableJson(document)}\n`),
    flush: async () => {
      await Promise.all([out.flush(), err.flush()]);
    },
  };
}

function screen(
  stream: TerminalStream,
  write: (text: string) => void,
  environment: Console['environment'],
): Screen {
  const isTerminal = stream.isTTY === true;
  const colour = isTerminal && wantsColour(environment);
  return {
    style: createStyle(colour),
    isTerminal,
    get columns() {
      const wanted = stream.columns ?? DEFAULT_COLUMNS;
      return Math.min(WIDEST, Math.max(NARROWEST, wanted));
    },
    lines: (lines) => {
      if (lines.length > 0) write(`${lines.map((line) => printable(line, colour)).join('\n')}\n`);
    },
    control: (text) => {
      if (isTerminal) write(text);
    },
  };
}

/** https://no-color.org: present and not empty, whatever its value. */
function wantsColour(environment: Console['environment']): boolean {
  return !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}

/**
 * A reader that goes away (`devmend scan | head`) is no failure, and above all
 * no reason to leave a repair half done: what is written after that is dropped.
 */
function watchedStream(stream: Writable): {
  readonly write: (text: string) => void;
  readonly flush: () => Promise<void>;
} {
  let gone = false;
  stream.on('error', () => {
    gone = true;
  });
  return {
    write: (text) => {
      if (!gone) stream.write(text);
    },
    flush: () =>
      new Promise<void>((resolve) => {
        if (gone) resolve();
        else stream.write('', () => resolve());
      }),
  };
}
