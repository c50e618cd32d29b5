/** One line of `strace -f -y -o`, taken apart. */
export type StraceLine =
  | { readonly kind: 'call'; readonly pid: number; readonly call: Call; readonly text: string }
  | { readonly kind: 'exited'; readonly pid: number; readonly code: number; readonly text: string }
  | {
      readonly kind: 'killed';
      readonly pid: number;
      readonly signal: string;
      readonly text: string;
    };

export interface Call {
  readonly name: string;
  /** As written, strings with their quotes; see {@link unquote}. */
  readonly args: readonly string[];
  /** What stands behind `= `: `3</etc/passwd>`, `-1 ENOENT (No such file …)`, `?`. */
  readonly result: string;
  /** `ENOENT`, or null where the call succeeded. */
  readonly errno: string | null;
}

const PREFIX = /^(\d+)\s+(.*)$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>,? ?(.*)$/s;
/** A thread that starts a program takes over its process, and the number with it. */
const UNFINISHED = / <(?:unfinished|pid changed to (\d+)) \.\.\.>$/;
/** Every half call belongs to a thread; a hostile log must not fill memory with them. */
const MOST_UNFINISHED = 10_000;

/**
 * Reads strace's lines one after the other. Calls of several threads come in
 * halves (`<unfinished ...>`, `<... resumed>`), which are put together again;
 * what is no line of strace is left out.
 */
export class StraceReader {
  private readonly halves = new Map<number, string>();

  line(text: string): StraceLine | null {
    const [, number = '', rest = ''] = PREFIX.exec(text) ?? [];
    if (number === '') return null;
    const pid = Number(number);
    const exited = /^\+\+\+ exited with (\d+) \+\+\+$/.exec(rest);
    if (exited !== null) return { kind: 'exited', pid, code: Number(exited[1]), text };
    const killed = /^\+\+\+ killed by (SIG\w+)/.exec(rest);
    if (killed !== null) return { kind: 'killed', pid, signal: killed[1] ?? '', text };
    const whole = this.whole(pid, rest);
    const call = whole === null ? null : parseCall(whole);
    return call === null ? null : { kind: 'call', pid, call, text: `${number} ${whole}` };
  }

  private whole(pid: number, rest: string): string | null {
    const unfinished = UNFINISHED.exec(rest);
    if (unfinished !== null) {
      if (this.halves.size < MOST_UNFINISHED)
        this.halves.set(Number(unfinished[1] ?? pid), rest.slice(0, unfinished.index));
      return null;
    }
    const resumed = RESUMED.exec(rest);
    if (resumed === null) return rest;
    const first = this.halves.get(pid);
    this.halves.delete(pid);
    return first === undefined ? null : first + (resumed[2] ?? '');
  }
}

/** `name(args) = result`; null for signals and other remarks. */
export function parseCall(text: string): Call | null {
  const open = /^(\w+)\(/.exec(text);
  if (open === null) return null;
  const args: string[] = [];
  let depth = 0;
  let start = open[0].length;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '<' && /[\dD]/.test(text[at - 1] ?? '')) at = endOfPath(text, at);
    else if (character === '(' || character === '[' || character === '{') depth += 1;
    else if (character === ')' && depth === 0) {
      if (at > start) args.push(text.slice(start, at).trim());
      return finish(open[1] ?? '', args, text.slice(at + 1));
    } else if (character === ')' || character === ']' || character === '}') depth -= 1;
    else if (character === ',' && depth === 0) {
      args.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return null;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** `3</path>`: strace writes `<` and `>` of a name as octal. */
function endOfPath(text: string, from: number): number {
  const end = text.indexOf('>', from);
  return end < 0 ? from : end;
}

function finish(name: string, args: readonly string[], rest: string): Call | null {
  const result = /^\s*= (.*)$/s.exec(rest)?.[1];
  if (result === undefined) return null;
  const errno = /^-1 (E[A-Z0-9]+)\b/.exec(result)?.[1] ?? null;
  return { name, args, result, errno };
}

/** The text of a quoted argument (C escapes, octal ones too); null for one that is no string. */
export function unquote(argument: string | undefined): string | null {
  const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(argument ?? '')?.[1];
  return quoted === undefined ? null : unescapeC(quoted);
}

/** The path that strace wrote behind a descriptor: `3</lib/libc.so.6>`. */
export function pathOfDescriptor(argument: string | undefined): string | null {
  const path = /^(?:\d+|AT_FDCWD)<(\/[^>]*)>/.exec(argument ?? '')?.[1];
  return path === undefined ? null : unescapeC(path);
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  f: 12,
  v: 11,
  '"': 34,
  '\\': 92,
};

/** Names are bytes: octal escapes are put together before they are read as UTF-8. */
function unescapeC(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: Buffer[] = [];
  for (const part of text.matchAll(/\\([0-7]{1,3}|x[0-9a-f]{2}|.)|[^\\]+/gs)) {
    const escape = part[1];
    if (escape === undefined) bytes.push(Buffer.from(part[0]));
    else if (/^[0-7]/.test(escape)) bytes.push(Buffer.of(Number.parseInt(escape, 8) & 255));
    else if (/^x../.test(escape)) bytes.push(Buffer.of(Number.parseInt(escape.slice(1), 16)));
    else bytes.push(Buffer.of(ESCAPES[escape] ?? escape.charCodeAt(0) & 255));
  }
  return Buffer.concat(bytes).toString('utf8');
}
