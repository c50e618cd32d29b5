import { redactLine } from '../changes/redact-line.ts';
import { commandLine } from '../verify/trial-run.ts';

/** Longer command lines (Chromium's children) are cut; what tells them apart stands first. */
const LONGEST = 2_000;
const HIDDEN = '••••••';
/** Options whose value, the next word, nobody but the owner should read. */
const SECRET_OPTION =
  /^--?[\w-]*(?:token|pass(?:word|wd|phrase)?|secret|api-?key|credentials?|cookie)$/i;

/** A command as a person would type it, with secrets blanked. */
export function commandInWords(args: readonly string[]): string {
  const words = args.map((arg, index) => {
    const before = args[index - 1] ?? '';
    return SECRET_OPTION.test(before) && !arg.startsWith('-') ? HIDDEN : redactLine(arg);
  });
  const line = commandLine(words[0] ?? '', words.slice(1));
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
