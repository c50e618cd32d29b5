import { redactWord } from '../secrets/redact-line.ts';
import { commandLine } from '../verify/trial-run.ts';

/** Longer command lines (Chromium's children) are cut; what tells them apart stands first. */
const LONGEST = 2_000;
/** Of one word: whoever runs it may pass megabytes, and looking for secrets takes its time. */
const LONGEST_WORD = 8 * LONGEST;
/** A command as a person would type it, with secrets blanked. */
export function commandInWords(args: readonly string[]): string {
  const words: string[] = [];
  let length = 0;
  for (const [index, arg] of args.entries()) {
    const word = redactWord(args[index - 1] ?? '', arg.slice(0, LONGEST_WORD));
    words.push(word);
    length += word.length + 1;
    // What follows would be cut.
    if (length > LONGEST + 1) break;
  }
  const line = commandLine(words[0] ?? '', words.slice(1));
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
