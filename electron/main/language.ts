import type { Settings } from '../../shared/settings.ts';
import type { Language } from '../../shared/messages/translate.ts';

/**
 * The language of the window: the setting, else the desktop's. `desktopLocale` is
 * a BCP 47 tag. Traditional Chinese has no catalog; English serves its readers
 * no worse than simplified characters.
 */
export function windowLanguage(setting: Settings['language'], desktopLocale: string): Language {
  if (setting !== 'system') return setting;
  return /^zh($|-(CN|SG|MY|Hans))/i.test(desktopLocale) ? 'zh-CN' : 'en';
}
