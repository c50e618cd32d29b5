import { columnsOf } from '../render/layout.ts';
import { say, type View } from '../render/view.ts';

const STEPS = ['scan', 'findings', 'plan', 'repair', 'done'] as const;
export type Step = (typeof STEPS)[number];

/** The steps in one line, the current one in brackets: `Scan > [2 Findings] > Plan …`. */
export function stepLine(view: View, current: Step): string {
  const now = STEPS.indexOf(current);
  const words = STEPS.map((step, index) => {
    const word = `${index + 1} ${say(view, `cli.wizard.step.${step}`)}`;
    if (index === now) return view.style.strong(`[${word}]`);
    return index < now ? view.style.good(`+ ${word.slice(2)}`) : view.style.quiet(word);
  });
  const line = words.join(view.style.quiet(' > '));
  return columnsOf(line) <= view.columns ? line : words.join('\n');
}

/** What a person typed at the list of findings. */
export type FindingsInput =
  | { readonly kind: 'repair'; readonly numbers: readonly number[] }
  | { readonly kind: 'explain'; readonly number: number }
  | { readonly kind: 'add'; readonly path: string }
  | { readonly kind: 'all' | 'scan' | 'history' | 'leave' | 'again' }
  | { readonly kind: 'unclear'; readonly text: string };

/**
 * Reads an answer such as `1 3`, `1,3`, `a`, `e 2`, `+ /path/program`, `s`, `h`, `q`.
 * Numbers outside 1 to `count` are unclear.
 */
export function parseFindingsInput(text: string, count: number): FindingsInput {
  const answer = text.trim();
  if (answer === '') return { kind: 'again' };
  const letters = { a: 'all', s: 'scan', h: 'history', q: 'leave' } as const;
  const letter = Object.entries(letters).find(([key]) => key === answer.toLowerCase());
  if (letter !== undefined) return { kind: letter[1] };
  const added = /^\+\s*(\S.*)$/u.exec(answer)?.[1];
  if (added !== undefined) return { kind: 'add', path: added };
  const inRange = (number: number): boolean => number >= 1 && number <= count;
  const explained = Number(/^e\s*(\d{1,4})$/iu.exec(answer)?.[1]);
  if (inRange(explained)) return { kind: 'explain', number: explained };
  if (/^\d{1,4}([\s,]+\d{1,4})*$/u.test(answer)) {
    const numbers = [...new Set(answer.split(/[\s,]+/u).map(Number))];
    if (numbers.every(inRange)) return { kind: 'repair', numbers };
  }
  return { kind: 'unclear', text: answer };
}

/** A number of a list, or null for anything else. */
export function parseNumber(text: string, count: number): number | null {
  const number = /^\s*(\d{1,6})\s*$/u.test(text) ? Number(text) : 0;
  return number >= 1 && number <= count ? number : null;
}
