import { structuredPatch } from 'diff';
import type { DiffLine } from '../../../shared/plan.ts';
import { redactLine } from './redact-line.ts';

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
  const patch = structuredPatch('', '', decode(before), decode(after), '', '', {
    context: CONTEXT_LINES,
  });
  const lines: DiffLine[] = [];
  for (const hunk of patch.hunks) {
    let oldLine = hunk.oldStart;
    let newLine = hunk.newStart;
    for (const line of hunk.lines) {
      const sign = line.charAt(0);
      if (sign !== '+' && sign !== '-' && sign !== ' ') continue;
      lines.push({ sign, line: sign === '-' ? oldLine : newLine, text: shown(line.slice(1)) });
      if (sign !== '+') oldLine += 1;
      if (sign !== '-') newLine += 1;
    }
  }
  return lines.slice(0, MOST_LINES);
}

/** The whole of a text, line by line as a diff shows it; null for what is too long for that. */
export function shownLines(text: Buffer): string[] | null {
  const lines = decode(text).split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines.length > MOST_LINES ? null : lines.map(shown);
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function shown(line: string): string {
  const clean = redactLine(line.replace(/\r$/, ''));
  return clean.length > LONGEST_LINE ? `${clean.slice(0, LONGEST_LINE)}…` : clean;
}
