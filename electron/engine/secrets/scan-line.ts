import { HIDDEN } from './hidden.ts';
import { isSecretName, isSecretParameter } from './names.ts';

/** What a line leaves open, so that the next lines belong to its secret too. */
export type Open =
  | { readonly type: 'below'; readonly quotedKey: boolean }
  | { readonly type: 'deeper' }
  | { readonly type: 'bracket'; readonly depth: number }
  | { readonly type: 'quote'; readonly quote: string }
  | { readonly type: 'next'; readonly once: boolean };

export interface Scanned {
  readonly text: string;
  readonly open: Open | null;
}

/** `a::b` is a name in C++; `a:: b` is a value in LDIF. */
const SEPARATOR =
  /(\\?["'`])?\]?[ \t]{0,60}(?::=|=>|={1,3}|(?<!:)::(?![\p{L}_~])|(?<!:):(?!:))[ \t]{0,60}/gu;
const QUOTE = /^(?:"""|'''|\\?["'`])/;
/** A backslash: names in JSON may be written `\u0074oken`. */
const NAME_CHARACTER = /[\p{L}\p{N}_.$\\-]/u;
const LONGEST_NAME = 200;
/** Where the value begins below the line: nothing, `|`, `>-`, and what YAML lets stand there. */
const BELOW = /^(?:[!&]\S+(?:[ \t]+|$))*(?:[|>][-+\d]{0,2})?\s*(?:#.*)?$/s;
const BLOCK = /^(?:[|>][-+\d]{0,2})?\s*$/;
/** Behind quotes or brackets: the rest of the word. */
const REST_OF_WORD = /^(?:[^\s,;)}\]<>"'`\\]|\\'|\\[^"'`])+/;
/** Not hidden: what is no secret, and references to where one is kept. */
const LITERAL = /^(?:true|false|null|none|undefined)(?=\s*(?:[,;}\])#/]|$))/i;
const REFERENCE = /^(["']?)(?:\$\{\{? ?[\w.:]+ ?\}?\}|%\w+%)\1(?=[\s,;}\])"'\\]|$)/;
const NUMBER = /^-?\d[\d.eE+-]*(?=\s*(?:[,}\]]|$))/;

/**
 * A line without the values of its secret keys (`key: value`, `KEY=value`, `Header: value`).
 * A value without quotes goes as far as the line, the quotes around it, or the parameter of
 * an address; where that hides too much, it is better than too little.
 */
export function hideAssigned(line: string): Scanned {
  let text = '';
  let done = 0;
  let open: Open | null = null;
  const quotes = quotesOf(line);
  const separators = new RegExp(SEPARATOR);
  for (let found = separators.exec(line); found !== null; found = separators.exec(line)) {
    const name = nameBefore(line, done, found);
    if (name === null) continue;
    const value = valueAt(line, found.index + found[0].length, {
      name,
      enclosing: quotes(name.start - name.quote.length),
    });
    if (value === null) continue;
    text += line.slice(done, value.start) + value.shown;
    done = value.end;
    open = value.open;
    separators.lastIndex = done;
  }
  return { text: text + line.slice(done), open };
}

interface Name {
  readonly start: number;
  readonly text: string;
  /** The quote before a key that stands in quotes of its own, or nothing. */
  readonly quote: string;
  /** `?name=` or `&name=`. */
  readonly parameter: boolean;
}

/** The secret name that ends where the separator begins. */
function nameBefore(line: string, from: number, found: RegExpExecArray): Name | null {
  const end = found.index;
  const lowest = Math.max(from, end - LONGEST_NAME);
  const quote = found[1];
  let start = end;
  if (quote !== undefined) {
    const opened = line.slice(lowest, end).lastIndexOf(quote);
    if (opened >= 0) start = lowest + opened + quote.length;
  }
  const quoted = start !== end;
  while (!quoted && start > lowest && NAME_CHARACTER.test(line[start - 1] ?? '')) start -= 1;
  const parameter = /[?&]/.test(line[start - 1] ?? '');
  if (found[0].includes(':') && !quoted && line[start - 1] === ' ') {
    // "API key: …"
    let earlier = start - 1;
    while (earlier > lowest && NAME_CHARACTER.test(line[earlier - 1] ?? '')) earlier -= 1;
    start = earlier;
  }
  const text = line.slice(start, end);
  if (!quoted && isPathInMessage(line, start, end)) return null;
  const isSecret = parameter ? isSecretParameter(text) : isSecretName(text);
  return isSecret ? { start, text, quote: quoted ? (quote ?? '') : '', parameter } : null;
}

/** `/etc/passwd: no such file`, `libsecret-1.so.0 => /usr/lib/libsecret-1.so.0`. */
function isPathInMessage(line: string, start: number, end: number): boolean {
  if (/\.so(?:\.[\d.]+)?$/.test(line.slice(start, end))) return true;
  const path = /(?:^|[\s"'`(])\/[\w.+-][\w./+-]*$/.test(
    line.slice(Math.max(0, start - 300), start),
  );
  return path && /^:\s\S{1,80}\s\S/.test(line.slice(end, end + 90));
}

export interface Value {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
  readonly open: Open | null;
}

interface Around {
  readonly name: Pick<Name, 'text' | 'quote' | 'parameter'>;
  readonly enclosing: string | null;
}

/** What to show of a secret's value that begins here; null where it is none, or harmless. */
export function valueAt(line: string, start: number, { name, enclosing }: Around): Value | null {
  const rest = line.slice(start);
  if (rest.startsWith(`${HIDDEN}@`)) return null;
  if (BELOW.test(rest))
    return {
      start,
      end: line.length,
      shown: BLOCK.test(rest) ? rest : HIDDEN,
      open: { type: 'below', quotedKey: name.quote !== '' },
    };
  if (rest === '\\')
    return { start, end: line.length, shown: rest, open: { type: 'next', once: false } };
  if (LITERAL.test(rest) || REFERENCE.test(rest)) return null;
  const quote = QUOTE.exec(rest)?.[0];
  if (quote !== undefined && quote !== enclosing) return quoted(line, start, quote, enclosing);
  if (/^(?:\$?\(|[{[])/.test(rest)) return bracketed(line, start, enclosing);
  const number = name.quote !== '' ? NUMBER.exec(rest) : null;
  const end =
    number === null ? start + unquotedLength(rest, name, enclosing) : start + number[0].length;
  if (end === start) return null;
  const goesOn = end === line.length && /\s?\\$/.exec(rest);
  const shown = goesOn ? HIDDEN + goesOn[0] : HIDDEN;
  return { start, end, shown, open: end < line.length ? null : openBehind(rest, name) };
}

/** Behind a value without quotes that goes as far as the line. */
function openBehind(rest: string, name: Around['name']): Open | null {
  if (rest.endsWith('\\')) return { type: 'next', once: false };
  return name.quote !== '' || name.parameter || name.text.startsWith('-')
    ? null
    : { type: 'deeper' };
}

function unquotedLength(rest: string, name: Around['name'], enclosing: string | null): number {
  if (name.parameter) return rest.search(/[&#\s"'`<>]|$/);
  if (name.text.startsWith('--')) return wordLength(rest);
  const closing = enclosing === null ? -1 : closingAt(rest, 0, enclosing);
  return closing < 0 ? rest.length : closing;
}

/** Up to a blank or a quote that ends the word. */
export function wordLength(rest: string): number {
  return /^(?:[^\s"'`]|["'`](?=\w))*/.exec(rest)?.[0].length ?? 0;
}

function quoted(
  line: string,
  start: number,
  quote: string,
  enclosing: string | null,
): Value | null {
  const inside = start + quote.length;
  const closing = closingAt(line, inside, quote);
  if (closing < 0)
    return { start, end: line.length, shown: `${quote}${HIDDEN}`, open: { type: 'quote', quote } };
  const after = closing + quote.length;
  const end = endOfWord(line, after, enclosing);
  if (closing === inside && end === after) return null;
  return { start, end, shown: `${quote}${HIDDEN}${quote}`, open: null };
}

/** In a shell a word goes on behind quotes and brackets, also with other quotes. */
function endOfWord(line: string, from: number, enclosing: string | null): number {
  let at = from;
  for (;;) {
    const quote = line[at] ?? '';
    const closing =
      /["'`]/.test(quote) && quote !== enclosing ? closingAt(line, at + 1, quote) : -1;
    const end = closing < 0 ? at + lengthOf(REST_OF_WORD, line, at) : closing + 1;
    if (end === at) return at;
    at = end;
  }
}

function lengthOf(pattern: RegExp, line: string, at: number): number {
  return pattern.exec(line.slice(at))?.[0].length ?? 0;
}

/** Where the quote closes, -1 for nowhere in this line. */
export function closingAt(line: string, from: number, quote: string): number {
  if (quote.startsWith('\\')) return line.indexOf(quote, from);
  for (let at = from; at < line.length; at += line[at] === '\\' ? 2 : 1)
    if (line.startsWith(quote, at)) return at;
  return -1;
}

function bracketed(line: string, start: number, enclosing: string | null): Value | null {
  const opening = line.startsWith('$(', start) ? '$(' : (line[start] ?? '');
  const { end: closed, depth } = balance(line, start, 0);
  const inside = line.slice(start + opening.length, depth === 0 ? closed - 1 : line.length);
  if (depth > 0) {
    const shown = inside.trim() === '' ? inside : HIDDEN;
    const open: Open = { type: 'bracket', depth };
    return { start, end: line.length, shown: `${opening}${shown}`, open };
  }
  const end = endOfWord(line, closed, enclosing);
  if (/^[\s[\]{}(),]*$/.test(inside) && end === closed) return null;
  const shown = `${opening}${HIDDEN}${line[closed - 1] ?? ''}`;
  // The bracket that closes may stand in a comment.
  return { start, end, shown, open: /#|\/[/*]/.test(inside) ? { type: 'deeper' } : null };
}

/** How many brackets are open behind a line, and where the last one was closed. */
export function balance(
  line: string,
  from: number,
  already: number,
): { readonly end: number; readonly depth: number } {
  let depth = already;
  for (let at = from; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (character === '\\') at += 1;
    else if (character === '"' || (character === "'" && depth > 0)) {
      const closing = closingAt(line, at + 1, character);
      // An apostrophe closes nowhere.
      if (closing > 0) at = closing;
    } else if ('[{('.includes(character)) depth += 1;
    else if (']})'.includes(character)) {
      depth -= 1;
      if (depth <= 0) return { end: at + 1, depth: 0 };
    }
  }
  return { end: line.length, depth };
}

/** Tells which quotes are open at a position; asked for growing positions only. */
function quotesOf(line: string): (position: number) => string | null {
  const open = new Map<string, number>();
  let at = 0;
  return (position) => {
    for (; at < position; at += 1) {
      const escaped = line[at] === '\\';
      const quote = escaped ? line.slice(at, at + 2) : (line[at] ?? '');
      if (!/^\\?["'`]$/.test(quote)) continue;
      if (escaped) at += 1;
      // don't
      else if (quote === "'" && /\w/.test(line[at - 1] ?? '') && !open.has(quote)) continue;
      if (!open.delete(quote)) open.set(quote, at);
    }
    return [...open.entries()].sort((one, other) => other[1] - one[1])[0]?.[0] ?? null;
  };
}
