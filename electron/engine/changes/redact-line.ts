const HIDDEN = '••••••';

/**
 * Keys whose value nobody but the owner should read, in settings files and shell lines. The
 * rest of a name is bounded: a line of nothing but such words would take quadratic time.
 */
const SECRET_KEY =
  /((?:pass(?:word|wd|phrase)?|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key|credential|authorization|cookie)[\w.-]{0,100}["']?\s*[:=]\s*)(?!(?:true|false|null)\b)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}"']+)/gi;

/** Tokens that give themselves away by their form, wherever they stand. */
const SECRET_FORM =
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{20,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{16,}|AKIA[A-Z0-9]{12,}|AIza[\w-]{20,}|eyJ[\w-]{8,2000}\.[\w-]{8,}\.[\w-]*)/g;

/** Name and password in an address. */
const SECRET_ADDRESS = /(:\/\/[^/\s:@"']*:)[^/\s@"']+(?=@)/g;

/** A line of a diff or a log without what would be a secret in it. */
export function redactLine(line: string): string {
  return line
    .replace(SECRET_KEY, (_all, key: string, value: string) =>
      /^["']/.test(value) ? `${key}${value[0]}${HIDDEN}${value[0]}` : `${key}${HIDDEN}`,
    )
    .replace(SECRET_FORM, HIDDEN)
    .replace(SECRET_ADDRESS, `$1${HIDDEN}`);
}
