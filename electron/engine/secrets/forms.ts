import { HIDDEN } from './hidden.ts';

/** Tokens that give themselves away by their form, wherever they stand. */
const FORMS: readonly RegExp[] = [
  /(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|soat|ft|agent)-|npm_|hf_|pypi-|dckr_pat_|xapp-|xox[a-z]-|GOCSPX-|ya29\.|dop_v1_|sq0[a-z]{3}-|shp(?:at|ss|ca|pa)_|lin_api_|glsa_|gsk_|xai-|nvapi-|rubygems_|sntrys_|sbp_|figd_|tskey-|PMAK-|ATATT3|hvs\.|whsec_|AGE-SECRET-KEY-1|[srp]k_(?:live|test)_)[\w./+=-]{10,}/g,
  /(?<![\w-])sk-(?=[\w-]{0,80}[0-9A-Z])[\w-]{16,}/g,
  /(?<![A-Za-z0-9])A(?:KI|SI|GP|RO|ID|NP|NV|BI|CC)A[A-Z0-9]{12,}/g,
  /(?<![\w-])AIza[\w-]{20,}/g,
  /(?<![\w-])SG\.[\w-]{10,100}\.[\w-]{10,}/g,
  /(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]{0,4000}){1,4}/g,
  // Passwords as crypt(3) and htpasswd keep them.
  /\$(?:[1256]|2[aby]|y|gy|7|apr1|argon2(?:id?|d))\$[\w./$=,+-]{10,}/g,
  /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/g,
  /(?<=discord(?:app)?\.com\/api\/webhooks\/)[\w/-]+/g,
  /(?<=webhook\.office\.com\/)[^\s"'<>]+/g,
  /(?<![A-Za-z0-9])(?:bot)?\d{8,10}:AA[\w-]{30,}/g,
  /(?<=-----BEGIN [A-Z0-9 ]{1,40}-----).+?(?=-----END|$)/g,
  /(?<=::add-mask::).+/g,
  /(?<=\bBearer\s{1,4}["']?)(?!(?:tokens?|auth\w*|scheme|credentials?)\b)[^\s"'`<>]{6,}/gi,
  /(?<=\bBasic\s{1,4})(?=[a-z]{0,400}[A-Z0-9=])[\w+/-]{6,}={0,2}/g,
];

/** Secrets by their form: tokens with a prefix, hashes of passwords, addresses with a password. */
export function hideForms(text: string): string {
  return FORMS.reduce((shown, form) => shown.replace(form, HIDDEN), text);
}

/** One address: the scheme, and what follows up to a blank, a quote or the next address. */
const ADDRESS =
  /(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,30}):\/\/((?:(?![A-Za-z]{2,10}:\/\/)[^\s"'`<>])+)/g;
/** Of these a name alone is a person's or a service's, no token. */
const NAMES_ONLY = /^(?:ssh|sftp|git|git\+ssh|svn\+ssh|rsync|imaps?|smtps?|ldaps?)$/i;
/** `me:pa/ss@host` looks like a host, a port and a path: only a number makes it one. */
const ODD_USER = /^([^/?#@:]*):(?!\d{1,5}(?:[/?#]|$))(\S*)@/;
const USER = /^([^/?#:]*):([^/?#]*)@/;
const TOKEN_AS_USER = /^(?:x-oauth-basic|x|)$/i;
/** `user:password@host.name` without a scheme. */
const BARE_USER =
  /(?<![\w/.:@-])([\w.-]{1,60}):(?!\/\/)([^\s@/:"',]{3,200})@(?=[A-Za-z][\w-]{0,62}(?:\.[\w-]{1,63}){1,8}(?![\w@]))/g;

/** User names stay; passwords, and tokens in their place, go. */
export function hideInAddresses(text: string): string {
  return text
    .replace(
      ADDRESS,
      (_all, scheme: string, rest: string) => `${scheme}://${withoutUser(scheme, rest)}`,
    )
    .replace(BARE_USER, `$1:${HIDDEN}@`);
}

function withoutUser(scheme: string, rest: string): string {
  if (!rest.includes('@')) return rest;
  const both = USER.exec(rest) ?? ODD_USER.exec(rest);
  if (both !== null) {
    const [all, user = '', password = ''] = both;
    const shown = TOKEN_AS_USER.test(password) || user.length > 24 ? HIDDEN : user;
    return `${shown}:${HIDDEN}@${rest.slice(all.length)}`;
  }
  const alone = /^[^/?#@]+(?=@)/.exec(rest)?.[0] ?? '';
  if (alone === '' || alone === 'git' || NAMES_ONLY.test(scheme)) return rest;
  return HIDDEN + rest.slice(alone.length);
}

const RUN = /(?<![\w+/=.$-])[A-Za-z0-9+/]{40,}={0,2}(?![\w+/=-])/g;
/** Checksums, public keys and build ids: what a report is for. */
const KNOWN_RUN = /(?:sha\d{1,3}|h1|md5|blake\w{1,6}|build ?-?_?id)["']?\s?[-:=]\s?["']?$/i;
const PUBLIC_KEY = /^AAAA[BCE]/;
/** In a run of forty random characters these many are there all but always. */
const ENOUGH = 3;

/** Base64 that is long enough for a key: the lines of private keys, keys without a name. */
export function hideRuns(line: string): string {
  return line.replace(RUN, (run, offset: number) => {
    const before = line.slice(Math.max(0, offset - 24), offset);
    return looksRandom(run) && !PUBLIC_KEY.test(run) && !KNOWN_RUN.test(before) ? HIDDEN : run;
  });
}

/** Not a path, a checksum in hexadecimal or the name of something. */
function looksRandom(run: string): boolean {
  const count = (pattern: RegExp): number => (run.match(pattern) ?? []).length;
  if (run.startsWith('/') && count(/\//g) > 3) return false;
  return [/[A-Z]/g, /[a-z]/g, /[0-9+]/g].every((sort) => count(sort) >= ENOUGH);
}
