import { redactJson } from './redact-json.ts';
import { redactLines } from './redact-lines.ts';

/**
 * A text without the secrets in it, with as many lines as before. JSON (with comments) is
 * gone through by its tree, so that whole objects below a secret key go and nothing beside
 * them; anything else, and JSON with mistakes, line by line.
 */
export function redactText(text: string): string {
  return /^\s*(?:\/[/*]|[{[])/.test(text)
    ? redactJson(text, redactText)
    : redactLines(text.split('\n')).join('\n');
}

/**
 * The same of a value that a program reads (a path, a version, a symbol): what has no other
 * sign of a secret than that it looks random stays, as build ids do.
 */
export function hideSecrets(value: string): string {
  return redactLines(value.split('\n'), (line) => line).join('\n');
}
