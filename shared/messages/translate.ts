import type { Message } from '../message.ts';
import type { ErrorData } from '../error.ts';
import { catalogs, type Language } from './catalogs.ts';

export type { Language } from './catalogs.ts';

/** Numbers that are names: `1,234` is no process that can be looked for. */
const nameLike: ReadonlySet<string> = new Set(['pid', 'line']);

/** What is claimed of a failure's end, and what is true instead where something is `left` undone. */
const partly: Readonly<Record<string, string>> = {
  'error.put-back': 'error.put-back.partly',
  'error.begun-back': 'error.begun-back.partly',
};

/**
 * Puts a message into words. `{{name}}` is filled from the parameters; a
 * numeric `count` parameter chooses between `<key>_one` and `<key>_other`
 * by the language's plural rules; a text for exactly one is for one in every
 * language, also where the rules know no singular. A key that is in no catalog comes back as
 * itself (a test makes sure that none does). `$t(key)` is the text of another key: how much
 * was put back, which depends on whether something is `left`.
 */
export function translate(language: Language, message: Message): string {
  const catalog = catalogs[language];
  const { count } = message.params;
  const plural =
    typeof count === 'number'
      ? ((count === 1 ? catalog[`${message.key}_one`] : undefined) ??
        catalog[`${message.key}_${new Intl.PluralRules(language).select(count)}`])
      : undefined;
  const textOf = (key: string): string => catalog[key] ?? catalogs.en[key] ?? key;
  const template = (plural ?? textOf(message.key)).replace(
    /\$t\(([\w.-]+)\)/g,
    (_whole, key: string) =>
      textOf(message.params['left'] === undefined ? key : (partly[key] ?? key)),
  );
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => {
    const value = message.params[name];
    if (value === undefined) return whole;
    if (typeof value === 'string') return value;
    return nameLike.has(name) ? String(value) : new Intl.NumberFormat(language).format(value);
  });
}

/**
 * A failure as a message. A lock's owner in another container has a sentence of its own, and
 * so has a conflict in which everything was to be kept.
 */
export function messageOfError({ code, params }: ErrorData): Message {
  if (code === 'locked' && params['seconds'] !== undefined)
    return { key: 'error.locked.elsewhere', params };
  if (code === 'conflict' && params['allKept'] !== undefined)
    return { key: 'error.conflict.all-kept', params };
  return { key: `error.${code}`, params };
}

/** The sentence for a failure: what, why and what next. */
export function translateError(language: Language, error: ErrorData): string {
  return translate(language, messageOfError(error));
}
