import { hideSecrets } from './secrets/redact-text.ts';

/** Names of people and machines that are replaced wherever they stand. */
export interface TellingNames {
  /** Home directory. */
  readonly home: string;
  /** Login name. */
  readonly user: string;
  /** `os.hostname()`. */
  readonly host: string;
}

const HOME = '/home/user';
export const USER = 'user';
const HOST = 'host';
/** Shorter names are ordinary words of paths: `go`, `me`, `dev`. */
const SHORTEST_NAME = 3;

/**
 * The same value with every string in it freed from what tells who and where: home
 * directory, user name, host name, tokens.
 */
export function redactValue<T>(value: T, names: TellingNames): T {
  const replacements = replacementsFor(names);
  return mapStrings(value, (text) =>
    // A string that is nothing but the name may be a word of the schema (user "vscode").
    text === names.user || text === names.host
      ? text
      : replacements.reduce(
          (result, [pattern, by]) => result.replace(pattern, by),
          hideSecrets(text),
        ),
  );
}

function replacementsFor(telling: TellingNames): readonly (readonly [RegExp, string])[] {
  const list: (readonly [RegExp, string])[] = [];
  const home = telling.home.replace(/\/+$/, '');
  if (home !== '') list.push([new RegExp(`${escape(home)}(?![\\w.-])`, 'g'), HOME]);
  const names = [
    [telling.user, USER],
    [telling.host, HOST],
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
export function mapStrings<T>(value: T, clean: (text: string) => string): T {
  const map = (part: unknown): unknown => {
    if (typeof part === 'string') return clean(part);
    if (Array.isArray(part)) return part.map(map);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, map(inner)]));
  };
  return map(value) as T;
}
