/** Words that make a name a secret's, with what may stand before them unseparated (`PGPASSWORD`). */
const SECRET_WORD =
  /(?<!^lib)(?:passw(?:or)?d|passphrase|passcode|secret|token|credential|cookie|authorization|(?:api|access|account|private|secret|preshared|master|encryption|signing)key|sess(?:ion)?id|webhook|requirepass|密码|口令|密钥|令牌)s?\d*$/;
const WHOLE_WORD = /^(?:creds?|jwt|psk|csrf|xsrf|bearer)\d*$/;
/** `DB_PASS`, `RCPASS`; not `bypass`, `compass`, `askpass`. */
const PASS = /(?<!ask|by|com|tres|sur|over|under)pass$/;
const AUTH = /^(?:o|http|proxy|basic)?auths?\d*$/;
/** What makes `key` a secret's; a `key` alone is a keybinding. */
const KEY_OF = new Set(
  'api access private secret signing encryption account master storage client ssh license deploy session shared preshared subscription webhook hmac service'.split(
    ' ',
  ),
);
/** A token of this sort, or this of a password, is no secret: `tokenColorCustomizations`. */
const HARMLESS_AFTER = new Set(
  'color colors colour colours colorization customization customizations type types modifier modifiers scope scopes count limit limits length budget size usage style store stores storage helper helpers provider providers expiry expires expiration ttl timeout lifetime file files path paths dir directory url uri endpoint enabled required policy manager format'.split(
    ' ',
  ),
);
const HARMLESS_BEFORE = new Set(
  'max min num number total count semantic ask input output prompt completion context unexpected invalid'.split(
    ' ',
  ),
);
/** Of addresses only: elsewhere these are everyday words. */
const SECRET_PARAMETER = /^(?:sig|signature|key|code|sid|x-amz-(?:signature|credential)|s)$/i;

/** Longer names are not names; looking at them takes its time. */
const LONGEST_NAME = 300;

/**
 * Does a key, variable, option or header of this name hold what nobody but its owner should
 * read? Judged word by word (`GITHUB_TOKEN`, `http.proxyAuth`, `client-key-data`).
 */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name.slice(-LONGEST_NAME));
  return words.some((word, index) => {
    const before = words[index - 1] ?? '';
    const after = words[index + 1] ?? '';
    if (HARMLESS_AFTER.has(after) || HARMLESS_BEFORE.has(before)) return false;
    if (SECRET_WORD.test(word) || WHOLE_WORD.test(word) || PASS.test(word)) return true;
    if (AUTH.test(word)) return after === '';
    if (/^keys?\d*$/.test(word)) return KEY_OF.has(before);
    if (word === 'signature') return before === 'access';
    return (
      /pwd$/.test(word) && (word === 'pwd' ? !['', 'old'].includes(before) : word !== 'oldpwd')
    );
  });
}

/** The same of a parameter in an address (`?sig=…`). */
export function isSecretParameter(name: string): boolean {
  return SECRET_PARAMETER.test(name) || isSecretName(name);
}

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/\\u([\da-f]{4})/gi, (_all, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** `NAME`, `key` and their like: what names a secret that stands beside it. */
export function isNaming(key: string): boolean {
  return /^(?:name|key|id|variable|var|header|env|field|option|label)$/i.test(key);
}

/** What holds the secret that is named beside it. */
export function isHolding(key: string): boolean {
  return /^(?:values?|default|content|data|text|string)$/i.test(key);
}
