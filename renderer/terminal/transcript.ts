/** Characters kept for replay, copying and saving; older ones go first. */
const LIMIT = 2_000_000;

/** A quieter colour than the programs' own output, still readable on the drawer's ground. */
const QUIET = '\u001b[38;2;158;178;198m';

/** Takes text in and says when it has been shown. */
type Screen = (text: string, taken: () => void) => void;

/** Control characters other than line break and tab, which names of files may hold. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Escape sequences and lone control characters, for plain text. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** Text with every terminal sequence taken out, as copied and saved. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, '').replace(/\r\n?/g, '\n').replace(CONTROL, '');
}

/**
 * What the terminal of one job has shown, whether or not it is in view. Output
 * is acknowledged when the terminal has drawn it, or at once while the drawer
 * is closed, so a closed drawer never holds a job up.
 */
export class Transcript {
  #text = '';
  #screen: Screen | null = null;
  #acknowledge: (characters: number) => void = () => undefined;
  readonly #watchers = new Set<() => void>();

  /** Empties it for a new job, whose output is acknowledged through `acknowledge`. */
  begin(acknowledge: (characters: number) => void): void {
    this.#acknowledge = acknowledge;
    this.#text = '';
    // Reset sequence, so that an open terminal starts from nothing too.
    this.#screen?.('\u001bc', () => undefined);
    this.#changed();
  }

  /** A command line about to run, shown after a prompt. */
  command(line: string): void {
    this.#append(`\u001b[1m$ ${line.replace(CONTROL, '')}\u001b[0m\r\n`, line.length);
  }

  /** Raw bytes of a program's terminal. */
  data(text: string): void {
    this.#append(text, text.length);
  }

  /** A sentence of Devmend's own; not part of the flow control. */
  note(sentence: string): void {
    this.#append(`${QUIET}${sentence.replace(CONTROL, '')}\u001b[0m\r\n`, 0);
  }

  /** Everything kept, or the last so many characters of it, without terminal sequences. */
  plain(last = LIMIT): string {
    return plainText(this.#text.slice(-last));
  }

  /** Shows everything so far on a screen, then what follows. Returns how to take it off. */
  attach(screen: Screen): () => void {
    screen(this.#text, () => undefined);
    this.#screen = screen;
    return () => {
      if (this.#screen === screen) this.#screen = null;
    };
  }

  /** Calls back after every change of the text. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #append(text: string, characters: number): void {
    this.#text = (this.#text + text).slice(-LIMIT);
    const taken = () => {
      if (characters > 0) this.#acknowledge(characters);
    };
    if (this.#screen === null) taken();
    else this.#screen(text, taken);
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
