import { HIDDEN } from './hidden.ts';
import { isHolding, isNaming, isSecretName } from './names.ts';
import { closingAt, wordLength } from './scan-line.ts';

const OPTION =
  /(?<=^|[\s"'`=,([])(--?[A-Za-z][\w-]{0,80})("\s{0,4},\s{0,4}"|'\s{0,4},\s{0,4}'|\s{1,20}\\?["'`]?)(?!--|-\w(?:\s|$))/g;
const LOGIN =
  /(?<=^|[\s"'`[,])(?:-[uU]|--(?:proxy-)?user)(?:"\s{0,4},\s{0,4}"|'\s{0,4},\s{0,4}'|[\s=]{1,4})?\\?["']?(?!\d{1,9}:\d{1,9}(?:\s|["'\\]|$))([^\s:"'/\\]{1,100}):/g;
/** Programs whose short option is a password, and how it is written. */
const SHORT_OPTIONS: readonly RegExp[] = [
  /\b(?:mysql\w*|mariadb[\w-]*)\s(?:.{0,300}?\s)??-p(?=\S)/g,
  /\b(?:sshpass|(?:docker|podman|az|oc|helm registry) login)\s(?:.{0,300}?\s)??-p\s{0,4}(?=\S)/g,
  /\bredis-cli\s(?:.{0,300}?\s)??-a\s{1,4}(?=\S)/g,
];
/** Settings whose name and value a blank parts; "password required" is none. */
const BLANK_SEPARATED: readonly RegExp[] = [
  /\b(?:ENV|ARG|setenv|set\s-\w{1,3})\s{1,10}(\S{1,200})\s{1,10}(?=\S)/g,
  /\bconfig(?:ure)?\s{1,4}(?:set\s{1,4}|--\S{1,30}\s{1,4}){0,3}(\S{1,200})\s{1,10}(?=\S)/g,
  /::(?:set-output|save-state)\sname=([\w-]{1,200})::(?=\S)/g,
  /^[\s#/+>|$-]*(?:\w{1,40}: {1,4})?(\S{1,200}?)\s{1,20}(?!(?:required|missing|expired|invalid|incorrect|wrong|needed|found|failed|error|changed|details?)[.!]?$)(?=\S+\s*$)/gi,
];
/** What is given to a program that asks for a password. */
const PIPED =
  /(?<=\b(?:echo|printf)\s{1,4}(?:-\w\s{1,4})?)[^|]{1,1000}(?=\|.{0,200}?(?:--password-stdin|sudo\s{1,4}-S))/g;
const NETRC = /\b(?:machine|default|login)\b.{0,400}?\s(?:password|account)\s{1,20}(?=\S)/g;
const PGPASS =
  /^([\s/#+>-]*(?:\w{1,40}: {1,4})?[\w.*-]{1,200}:(?:\d{2,5}|\*):[^:\s]{1,200}:[^:\s]{1,200}):\S+$/;

/** Secrets that a blank parts from what tells that they are secret. */
export function hideWords(line: string): string {
  let text = replaceBehind(line, OPTION, ([, option = '']) => isSecretName(option));
  text = replaceBehind(text, LOGIN, () => true);
  text = replaceBehind(text, NETRC, () => true);
  for (const pattern of SHORT_OPTIONS) text = replaceBehind(text, pattern, () => true);
  for (const pattern of BLANK_SEPARATED)
    text = replaceBehind(
      text,
      pattern,
      ([, name = '']) => /^[\w.:/-]*[\w-]$/.test(name) && isSecretName(name),
    );
  text = text.replace(PIPED, HIDDEN);
  return text.replace(PGPASS, `$1:${HIDDEN}`);
}

/** Hides the word, or the quoted text, that begins where a match ends. */
function replaceBehind(
  line: string,
  pattern: RegExp,
  isSecret: (match: RegExpExecArray) => boolean,
): string {
  let text = '';
  let done = 0;
  const matcher = new RegExp(pattern);
  for (let match = matcher.exec(line); match !== null; match = matcher.exec(line)) {
    const start = match.index + match[0].length;
    if (!isSecret(match) || start < done) continue;
    const quote = /\\?["'`]$/.exec(match[0])?.[0];
    const closing = quote === undefined ? -1 : closingAt(line, start, quote);
    const end = closing < 0 ? start + wordLength(line.slice(start)) : closing;
    if (end === start) continue;
    text += line.slice(done, start) + HIDDEN;
    done = end;
    matcher.lastIndex = end;
  }
  return text + line.slice(done);
}

const ELEMENT = /<([\w.:-]{1,100})(\s[^<>]{0,200})?>([^<>]+)/g;
const NAMING_ATTRIBUTE = /\s(?:name|key|id)\s?=\s?["']([^"']{1,100})["']/i;
/** `<name>a.token</name><value>…</value>` */
const ELEMENTS = /(<name>\s{0,9}([^<>]{1,200}?)\s{0,9}<\/name>\s{0,99}<value>)[^<>]+/gi;
/** `setenv("A_TOKEN", "…")`, `["Authorization", "…"]` */
const CALL =
  /(?<=[([]\s{0,4})(["'])([\w.-]{1,100})\1(\s{0,4},\s{0,4})(?:"(?:[^"\\]|\\.){1,4000}"|'(?:[^'\\]|\\.){1,4000}')(?=\s{0,4}[)\]])/g;
const PAIR =
  /(?<![\w-])["']?([\w-]{1,12})["']?\s{0,4}[:=]\s{0,4}("(?:[^"\\]|\\.){0,4000}"|'[^']{0,4000}'|[^\s,;}"']{1,4000})/g;

/** `<password>…</password>`, and `{"name": "GITHUB_TOKEN", "value": "…"}` on one line. */
export function hideNamed(line: string): string {
  const text = hideInCalls(hideInElements(line));
  const pairs = [...text.matchAll(PAIR)];
  const names = pairs.some(([, key = '', value = '']) => isNaming(key) && namesSecret(value));
  if (!names) return text;
  return text.replace(PAIR, (all, key: string, value: string) =>
    isHolding(key) ? `${all.slice(0, all.length - value.length)}${quotedLike(value)}` : all,
  );
}

function hideInElements(line: string): string {
  if (!line.includes('<')) return line;
  return line
    .replace(ELEMENT, (all, element: string, attributes: string | undefined, content: string) => {
      const name = NAMING_ATTRIBUTE.exec(attributes ?? '')?.[1] ?? '';
      const isSecret = isSecretName(element) || isSecretName(name);
      return isSecret && content.trim() !== ''
        ? `${all.slice(0, all.length - content.length)}${HIDDEN}`
        : all;
    })
    .replace(ELEMENTS, (all, before: string, name: string) =>
      isSecretName(name) ? `${before}${HIDDEN}` : all,
    );
}

function hideInCalls(line: string): string {
  return line.replace(CALL, (all, quote: string, name: string, comma: string) =>
    isSecretName(name) ? `${quote}${name}${quote}${comma}${quote}${HIDDEN}${quote}` : all,
  );
}

/** Is this text nothing but a secret's name? */
export function namesSecret(value: string): boolean {
  return /^["']?[\w.: -]{1,100}["']?$/.test(value) && isSecretName(value);
}

function quotedLike(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? '';
  return `${quote}${HIDDEN}${quote}`;
}
