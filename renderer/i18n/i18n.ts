import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { ErrorData } from '../../shared/error.ts';
import type { Message } from '../../shared/message.ts';
import { messageOfError, translate, type Language } from '../../shared/messages/translate.ts';
import en from './en.json' with { type: 'json' };
import zh from './zh-CN.json' with { type: 'json' };
import { pseudo, pseudoCatalog } from './pseudo.ts';

type Plain<Key> = Key extends `${infer Stem}_one`
  ? Stem
  : Key extends `${string}_other`
    ? never
    : Key;
/** Every text of the window; a key that is in no catalog does not compile. */
export type TextKey = Plain<keyof typeof en>;
export type TextParams = Readonly<Record<string, string | number>>;

/** Additional engine texts, used by the browser fake. */
export type ExtraTexts = Readonly<Record<Language, Readonly<Record<string, string>>>>;

/** Puts window texts and engine messages into words, in one language at a time. */
export interface Speech {
  readonly i18n: i18n;
  readonly language: () => Language;
  readonly text: (key: TextKey, params?: TextParams) => string;
  readonly say: (message: Message) => string;
  readonly sayError: (error: ErrorData) => string;
  readonly use: (language: Language) => Promise<void>;
}

export interface SpeechOptions {
  readonly extra?: ExtraTexts;
  /** Shows the longer test language in place of English. */
  readonly pseudo?: boolean;
}

/** Prepares both catalogs. Nothing is fetched: all texts are part of the bundle. */
export async function createSpeech(
  language: Language,
  options: SpeechOptions = {},
): Promise<Speech> {
  const instance = i18next.createInstance();
  await instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false, alwaysFormat: true, format: withSeparators },
    resources: {
      en: {
        translation: options.pseudo === true ? pseudoCatalog(en) : en,
        extra: options.extra?.en ?? {},
      },
      'zh-CN': { translation: zh, extra: options.extra?.['zh-CN'] ?? {} },
    },
  });
  const current = (): Language => (instance.language === 'zh-CN' ? 'zh-CN' : 'en');
  const lengthen = (words: string) =>
    options.pseudo === true && current() === 'en' ? pseudo(words) : words;
  const say = (message: Message) =>
    lengthen(
      instance.exists(message.key, { ns: 'extra', ...message.params })
        ? instance.t(message.key, { ns: 'extra', ...message.params })
        : translate(current(), message),
    );
  return {
    i18n: instance,
    language: current,
    text: (key, params) => instance.t(key, params ?? {}),
    say,
    sayError: (error) => say(messageOfError(error)),
    use: async (next) => {
      await instance.changeLanguage(next);
    },
  };
}

/** Numbers get the separators of the language; plural rules have seen the number itself by then. */
function withSeparators(value: unknown, _format?: string, language?: string): string {
  return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : String(value);
}
