import { HIDDEN } from './hidden.ts';
import { columnOf, indentOf } from './indent.ts';
import { isHolding, isNaming } from './names.ts';
import { scanLine } from './redact-line.ts';
import { valueAt, type Scanned } from './scan-line.ts';
import { namesSecret } from './words.ts';

/** How many lines a value may stand from the name that makes it a secret. */
const NEAR = 30;
/** Longer keys, and what stands before them, are none. */
const LONGEST_ENTRY = 400;
const ENTRY = /^[\s/#*]*(?:- )?[{<\s]*["']?([\w-]{1,20})["']?(?:\s{0,4}[:=]|>)\s{0,4}(.*)$/s;

/** The numbers of lines that hold the value for a secret's name on another line of the same item. */
export function besideSecretNames(lines: readonly string[]): ReadonlySet<number> {
  const beside = new Set<number>();
  for (const [index, line] of lines.entries()) {
    const [, key = '', value = ''] = ENTRY.exec(line.slice(0, LONGEST_ENTRY)) ?? [];
    if (!isNaming(key) || !namesSecret(value.replace(/(?:,|<\/\w{1,20}>)?\s*$/, ''))) continue;
    for (const near of linesOfItem(lines, index)) {
      const [, held = ''] = ENTRY.exec((lines[near] ?? '').slice(0, LONGEST_ENTRY)) ?? [];
      if (isHolding(held)) beside.add(near);
    }
  }
  return beside;
}

/** The lines around one, as far as they belong to the same mapping by indentation and brackets. */
function* linesOfItem(lines: readonly string[], index: number): Generator<number> {
  const column = columnOf(lines[index] ?? '');
  const begins = (line: string): boolean => indentOf(line) < column && line.trim() !== '';
  for (let near = index + 1; near <= index + NEAR; near += 1) {
    const line = lines[near];
    if (line === undefined || begins(line) || isBracket(line)) break;
    yield near;
  }
  if (begins(lines[index] ?? '')) return;
  for (let near = index - 1; near >= index - NEAR; near -= 1) {
    const line = lines[near];
    if (line === undefined || isBracket(line)) break;
    yield near;
    if (begins(line)) break;
  }
}

function isBracket(line: string): boolean {
  return /^\s*[[\]{}][\s[\]{},]*$/.test(line);
}

/** The line without its value, as if its key were a secret's; null where there is none to hide. */
export function heldValue(line: string): Scanned | null {
  const length = ENTRY.exec(line)?.[2]?.length ?? 0;
  const start = line.length - length;
  const name = { text: 'value', quote: /["']\s*[:=]\s*$/.exec(line.slice(0, start))?.[0][0] ?? '' };
  if (line[start - 1] === '>')
    return { text: line.slice(0, start) + line.slice(start).replace(/^[^<]+/, HIDDEN), open: null };
  const value = valueAt(line, start, { name: { ...name, parameter: false }, enclosing: null });
  if (value === null) return null;
  const rest = scanLine(line.slice(value.end));
  return {
    text: line.slice(0, start) + value.shown + rest.text,
    open: value.open ?? rest.open,
  };
}
