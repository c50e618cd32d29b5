import { fail, ok, type ErrorData, type Result } from '../../shared/error.ts';

/** `KEY=VALUE` words of the command line; the last one of a key counts. */
export function parseChoices(
  words: readonly string[],
): Result<Readonly<Record<string, string>>, ErrorData> {
  const choices: Record<string, string> = {};
  for (const word of words) {
    const cut = word.indexOf('=');
    if (cut <= 0) return fail('bad-request', { detail: `--choice ${word}` });
    choices[word.slice(0, cut)] = word.slice(cut + 1);
  }
  return ok(choices);
}
