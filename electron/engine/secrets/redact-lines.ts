import { besideSecretNames, heldValue } from './beside.ts';
import { hideRuns } from './forms.ts';
import { HIDDEN } from './hidden.ts';
import { columnOf, indentOf } from './indent.ts';
import { isSecretName } from './names.ts';
import { scanLine } from './redact-line.ts';
import { balance, closingAt, type Open } from './scan-line.ts';

/** What lines up to here belong to: a block of a key, or the value of a secret key above. */
type Inside =
  | { readonly type: 'block' }
  | {
      readonly type: 'below';
      readonly indent: number;
      readonly quotedKey: boolean;
      /** Behind `=`, so that `NAME=value` below it is the next assignment. */
      readonly assigned: boolean;
    }
  | { readonly type: 'deeper'; readonly indent: number; readonly list: boolean }
  | { readonly type: 'bracket'; readonly depth: number; readonly indent: number }
  | { readonly type: 'quote'; readonly quote: string }
  | { readonly type: 'next'; readonly once: boolean }
  | { readonly type: 'login' };

/** What is done to a line that belongs to no other one's secret, last of all. */
type Last = (line: string) => string;

const BLOCK_BEGIN = /-----BEGIN [A-Z0-9 ]{1,40}-----(?!.*-----END)/s;
const WORD_OF_ITS_OWN = /^\s*(?:-\s+)?[[(]?["']?(-{0,2}[\w-]{1,80})["']?,?\s*\\?$/;
/** Words of .netrc and headers, whose value stands on the next line. */
const WAITING = /^(?:password|account|(?:proxy-)?authorization|(?:set-)?cookie)$/i;
const BLOCK_END = '-----END';

/**
 * Lines without the secrets in them, also those that take several: PEM blocks, text below a
 * secret key by indentation or in brackets, open quotes, `name` and `value` on lines of their own.
 */
export function redactLines(lines: readonly string[], last: Last = hideRuns): string[] {
  let inside: Inside | null = null;
  const ends = lines.map((line) => (line.endsWith('\r') ? '\r' : ''));
  const bare = lines.map((line, index) => (ends[index] === '' ? line : line.slice(0, -1)));
  const beside = besideSecretNames(bare);
  return bare.map((line, index) => {
    const step: Step = inside === null ? outside : goOn(inside, line);
    inside = step.next;
    if (step.shown !== null) return step.shown + (ends[index] ?? '');
    const { text, open } = (beside.has(index) ? heldValue(line) : null) ?? scanLine(line);
    inside = opened(line, open);
    return last(text) + (ends[index] ?? '');
  });
}

function opened(line: string, open: Open | null): Inside | null {
  if (BLOCK_BEGIN.test(line)) return { type: 'block' };
  switch (open?.type) {
    case undefined:
      break;
    case 'below':
      return { ...open, indent: columnOf(line), assigned: /=\s*$/.test(line) };
    case 'deeper':
      return { type: 'deeper', indent: columnOf(line), list: false };
    case 'bracket':
      return { ...open, indent: indentOf(line) };
    default:
      return open;
  }
  const [, element = ''] = /<([\w.:-]{1,100})(?:\s[^<>]{0,200})?>\s*$/.exec(line) ?? [];
  if (isSecretName(element))
    return { type: 'below', indent: indentOf(line), quotedKey: true, assigned: false };
  if (/^\s*(?:-\s+)?["']?(?:-[uU]|--(?:proxy-)?user)["']?,?\s*\\?$/.test(line))
    return { type: 'login' };
  const [, option = ''] = WORD_OF_ITS_OWN.exec(line) ?? [];
  const waits = option !== '' && (WAITING.test(option) || option.startsWith('-'));
  return waits && isSecretName(option) ? { type: 'next', once: true } : null;
}

interface Step {
  /** What is shown of the line; null for a line that does not belong to the secret. */
  readonly shown: string | null;
  readonly next: Inside | null;
}

const outside: Step = { shown: null, next: null };

function goOn(inside: Inside, line: string): Step {
  if (/^[\s/#*]*$/.test(line) && inside.type !== 'block') return { shown: line, next: inside };
  switch (inside.type) {
    case 'block':
      return inBlock(inside, line);
    case 'next':
      return inNext(inside, line);
    case 'login':
      return inLogin(line);
    case 'quote':
      return inQuotes(inside, line);
    case 'bracket':
      return inBrackets(inside, line);
    case 'below':
      return below(inside, line);
    default:
      return deeper(inside, line);
  }
}

function inBlock(inside: Inside, line: string): Step {
  const end = line.indexOf(BLOCK_END);
  if (end < 0) return { shown: hidden(line), next: inside };
  const before = line.slice(0, end);
  return /^[\s/#*"']*$/.test(before)
    ? outside
    : { shown: hidden(before) + line.slice(end), next: null };
}

function inNext(inside: Inside & { type: 'next' }, line: string): Step {
  // The next option of the command whose last one was the secret.
  if (!inside.once && /^\s*--?[A-Za-z][\w-]*(?:[\s=]|$)/.test(line)) return outside;
  const goesOn = /\s?\\$/.exec(line)?.[0] ?? '';
  return {
    shown: hidden(line) + goesOn,
    next: goesOn !== '' && !inside.once ? inside : null,
  };
}

/** `me:X` on the line below `-u`; `1000:1000` are numbers of a user and a group. */
function inLogin(line: string): Step {
  const [, user] = /^(\s*(?:- )?["']?[^\s:"'/]{1,100}:)(?!\/\/)\S/.exec(line) ?? [];
  return user === undefined || /\d:\d+["',\s\\]*$/.test(line)
    ? outside
    : { shown: user + HIDDEN + (/["']?,?\s*\\?$/.exec(line)?.[0] ?? ''), next: null };
}

/** What follows the end of a secret on its last line is hidden too, and may open the next one. */
function behind(line: string): Inside | null {
  return opened(line, scanLine(line).open);
}

function inQuotes(inside: Inside & { type: 'quote' }, line: string): Step {
  const closing = closingAt(line, 0, inside.quote);
  if (closing < 0) return { shown: hidden(line), next: inside };
  const rest = line.slice(closing + inside.quote.length);
  return /^[\s,;)\]}]*$/.test(rest)
    ? { shown: HIDDEN + inside.quote + rest, next: null }
    : { shown: HIDDEN + inside.quote + HIDDEN, next: behind(line) };
}

function inBrackets(inside: Inside & { type: 'bracket' }, line: string): Step {
  const { indent } = inside;
  const { depth } = balance(line, 0, inside.depth);
  if (depth > 0) return { shown: hidden(line), next: { ...inside, depth } };
  // A bracket may stand in a comment, or in a text: its own one is not indented.
  const isLast = indentOf(line) <= indent;
  return {
    shown: hidden(line),
    next: behind(line) ?? (isLast ? null : { type: 'deeper', indent, list: false }),
  };
}

/** The first line below a secret key without a value on its own line. */
function below({ indent, quotedKey, assigned }: Inside & { type: 'below' }, line: string): Step {
  if (/^\s*[[{]/.test(line) && !/^\[[^\][{}"']*\]$/.test(line)) {
    const { depth } = balance(line, 0, 0);
    return {
      shown: hidden(line),
      next: depth === 0 ? behind(line) : { type: 'bracket', depth, indent },
    };
  }
  if (belongs(line, indent, true))
    return { shown: hidden(line), next: { type: 'deeper', indent, list: true } };
  return quotedKey || isBare(line, assigned)
    ? { shown: hidden(line), next: behind(line) }
    : outside;
}

/** One word, and nothing that is a key itself. */
function isBare(line: string, assigned: boolean): boolean {
  const word = /^[\s/#*]*([^\s[\]{}]+)\s*$/.exec(line)?.[1] ?? '';
  return word !== '' && !word.endsWith(':') && !(assigned && /^[\w.-]+=./.test(word));
}

function deeper(inside: Inside & { type: 'deeper' }, line: string): Step {
  const isFrame = !inside.list && /^\s+at\s/.test(line);
  return belongs(line, inside.indent, inside.list) && !isFrame
    ? { shown: hidden(line), next: inside }
    : outside;
}

function belongs(line: string, indent: number, list: boolean): boolean {
  return indentOf(line) > indent || (list && indentOf(line) === indent && /^[\s/#*]*- /.test(line));
}

/** Brackets alone tell nothing, and show where the secret ends. */
function hidden(line: string): string {
  if (/^[\s/#*\][{}(),]*$/.test(line)) return line;
  return `${/^[\s/#*]*(?:- )?/.exec(line)?.[0] ?? ''}${HIDDEN}`;
}
