import type { Snapshot } from '../../../shared/snapshot.ts';

/** Names of people and machines that are replaced wherever they stand. */
export interface Redactions {
  /** `os.hostname()` of the machine the snapshot is of. */
  readonly host: string;
}

const HOME = '/home/user';
const USER = 'user';
const HOST = 'host';
const SECRET = 'REDACTED';

/** Shorter names are ordinary words of paths: `go`, `me`, `dev`. */
const SHORTEST_NAME = 3;

/** Secrets as they are written: prefixes that services stamp on tokens, and `key=value`. */
const SECRETS: readonly RegExp[] = [
  /\b(?:gh[pousr]_|github_pat_|glpat-|npm_|xox[abprs]-|sk-|AKIA|AIza)[A-Za-z0-9_-]{10,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /(?<=:\/\/)[^/\s:@]+:[^/\s@]+(?=@)/g,
  /(?<=\b(?:token|secret|password|passwd|api[_-]?key)["']?\s*[=:]\s*["']?)[^\s"'&,;]+/gi,
];

/**
 * The snapshot without what tells who and where: home directory, user name,
 * host name, tokens. It stays a valid snapshot that gives the same findings,
 * apart from their ids. Numbers of users and groups are kept: 0 or not matters.
 */
export function redactSnapshot(snapshot: Snapshot, redactions: Redactions): Snapshot {
  const replacements = replacementsFor(snapshot, redactions);
  // A string that is nothing but the name may be a word of the schema (user "vscode").
  const names = [snapshot.user.name, redactions.host];
  const clean = (text: string): string =>
    names.includes(text)
      ? text
      : replacements.reduce((result, [pattern, by]) => result.replace(pattern, by), text);
  const cleaned = mapStrings(snapshot, clean);
  return snapshot.user.name === 'root'
    ? cleaned
    : { ...cleaned, user: { ...cleaned.user, name: USER } };
}

function replacementsFor(
  snapshot: Snapshot,
  redactions: Redactions,
): readonly (readonly [RegExp, string])[] {
  const list: (readonly [RegExp, string])[] = SECRETS.map((pattern) => [pattern, SECRET]);
  const home = snapshot.home.replace(/\/+$/, '');
  if (home !== '') list.push([new RegExp(`${escape(home)}(?![\\w.-])`, 'g'), HOME]);
  const names = [
    [snapshot.user.name, USER],
    [redactions.host, HOST],
  ] as const;
  for (const [name, by] of names) {
    const isTelling = name.length >= SHORTEST_NAME && !['root', 'localhost', by].includes(name);
    if (isTelling) list.push([new RegExp(`(?<![\\w-])${escape(name)}(?![\\w-])`, 'g'), by]);
  }
  return list;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The same value with every string in it put through `clean`. */
function mapStrings<T>(value: T, clean: (text: string) => string): T {
  const map = (part: unknown): unknown => {
    if (typeof part === 'string') return clean(part);
    if (Array.isArray(part)) return part.map(map);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, map(inner)]));
  };
  return map(value) as T;
}
