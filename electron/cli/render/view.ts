import type enCli from '../../../shared/messages/en/cli.json';
import type { Language } from '../../../shared/messages/translate.ts';
import type { Message } from '../../../shared/message.ts';
import { translate } from '../../../shared/messages/translate.ts';
import type { Screen } from '../console.ts';
import type { Style } from './style.ts';
import { wrap } from './layout.ts';

/** What rendering needs to know of the reader: language, colours, width. */
export interface View {
  readonly language: Language;
  readonly style: Style;
  readonly columns: number;
}

/** The view of whoever reads this screen. */
export function viewOf(screen: Screen, language: Language): View {
  return { language, style: screen.style, columns: screen.columns };
}

/** The same view, for a part that is indented. */
export function narrower(view: View, by: number): View {
  return { ...view, columns: view.columns - by };
}

type WithoutPlural<Key extends string> = Key extends `${infer Base}_one` | `${infer Base}_other`
  ? Base
  : Key;
/** Every text of the command line, plural forms counted once. */
export type CliKey = WithoutPlural<keyof typeof enCli>;

/** A text of the command line's own catalog. */
export function say(view: View, key: CliKey, params: Message['params'] = {}): string {
  return translate(view.language, { key, params });
}

/** A message of the engine in the reader's language. */
export function put(view: View, text: Message): string {
  return translate(view.language, text);
}

/** A paragraph of the command line's own words. */
export function paragraph(
  view: View,
  key: CliKey,
  params: Message['params'] = {},
  indent = '',
): readonly string[] {
  return wrap(say(view, key, params), view.columns, indent);
}

/** A moment in the reader's language and time zone. */
export function moment(view: View, at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return new Intl.DateTimeFormat(view.language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    // As in the window: a day has 24 hours in every language.
    hourCycle: 'h23',
  }).format(date);
}

/** A duration as people say it. */
export function duration(view: View, ms: number): string {
  const unit = ms < 60_000 ? 'second' : 'minute';
  const value = unit === 'second' ? ms / 1000 : ms / 60_000;
  return new Intl.NumberFormat(view.language, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
