import { hideForms, hideInAddresses, hideRuns } from './forms.ts';
import { hideAssigned, type Open } from './scan-line.ts';
import { HIDDEN } from './hidden.ts';
import { isSecretName } from './names.ts';
import { hideNamed, hideWords } from './words.ts';

/** A line of a log, a command or a diff without what would be a secret in it. */
export function redactLine(line: string): string {
  return hideRuns(scanLine(line).text);
}

/** A line, and what it leaves open for the lines that follow. */
export function scanLine(line: string): { readonly text: string; readonly open: Open | null } {
  const { text, open } = hideAssigned(hideNamed(hideWords(hideInAddresses(line))));
  return { text: hideForms(text), open };
}

/** Names of options are short. */
const OPTION = /^--?[A-Za-z][\w-]{0,100}$/;
const LOGIN_OPTION = /^(?:-[uU]|--(?:proxy-)?user)$/;

/** A word of a command as it may be shown, by the word before it (`--token X`, `-u me:X`). */
export function redactWord(before: string, word: string): string {
  if (OPTION.test(before) && isSecretName(before) && !OPTION.test(word)) return HIDDEN;
  if (LOGIN_OPTION.test(before) && !/^\d+:\d+$/.test(word))
    return word.replace(/^([^:]*):[^]+$/, `$1:${HIDDEN}`);
  return redactLine(word);
}
