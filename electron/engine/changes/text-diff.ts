import { structuredPatch } from 'diff';
import type { DiffLine } from '../../../shared/plan.ts';
import { redactText } from '../secrets/redact-text.ts';

/** Lines around a change that are shown so that a person finds the place. */
const CONTEXT_LINES = 1;
/** Longer lines are cut: a minified file is one line. */
const LONGEST_LINE = 400;
/** A diff of more lines than this says nothing to a person. */
const MOST_LINES = 400;

/**
 * The difference of two texts as a person reads it: signs, 1-based line numbers
 * (of the old text for `-`, of the new one for `+` and context), secrets replaced.
 */
export function diffTexts(before: Buffer, after: Buffer): DiffLine[] {
  const old = decode(before);
  const fresh = decode(after);
  const patch = structuredPatch('', '', old, fresh, '', '', { context: CONTEXT_LINES });
  // Whether a line is secret may be told by one far above it.
  const shown = { old: shownOf(old), fresh: shownOf(fresh) };
  const lines: DiffLine[] = [];
  for (const hunk of patch.hunks) {
    let oldLine = hunk.oldStart;
    let newLine = hunk.newStart;
    for (const line of hunk.lines) {
      const sign = line.charAt(0);
      if (sign !== '+' && sign !== '-' && sign !== ' ') continue;
      const [texts, number] = sign === '-' ? [shown.old, oldLine] : [shown.fresh, newLine];
      lines.push({ sign, line: number, text: texts[number - 1] ?? '' });
      if (sign !== '+') oldLine += 1;
      if (sign !== '-') newLine += 1;
    }
  }
  return lines.slice(0, MOST_LINES);
}

/** The whole of a text, line by line as a diff shows it; null for what is too long for that. */
export function shownLines(text: Buffer): string[] | null {
  const lines = shownOf(decode(text));
  if (lines[lines.length - 1] === '') lines.pop();
  return lines.length > MOST_LINES ? null : lines;
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function shownOf(text: string): string[] {
  return redactText(text).split('\n').map(shortened);
}

function shortened(line: string): string {
  const clean = line.replace(/\r$/, '');
  return clean.length > LONGEST_LINE ? `${clean.slice(0, LONGEST_LINE)}…` : clean;
}
