import type { Language } from '../../shared/messages/translate.ts';

/**
 * The language of the terminal, after POSIX's order of precedence: the first of
 * LC_ALL, LC_MESSAGES and LANG that is set decides, even when it says `C`.
 */
export function terminalLanguage(
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  // Traditional Chinese has no catalog, and English is no worse for its readers than simplified.
  return /^zh([_-](CN|SG|Hans))?([.@].*)?$/i.test(locale) ? 'zh-CN' : 'en';
}
