import type { Language } from '../../shared/messages/translate.ts';

/** `~/x` for a path below the home directory, for reading only. */
export function shortPath(path: string, home: string | null): string {
  if (home === null || home === '' || home === '/') return path;
  if (path === home) return '~';
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** A size in the language's own way, in decimal units as file managers show it. */
export function formatBytes(bytes: number, language: Language): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[unit] ?? 'byte',
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

/** Milliseconds as seconds, or minutes from one on; in full for sentences, short for columns. */
export function formatDuration(
  ms: number,
  language: Language,
  form: 'long' | 'narrow' = 'long',
): string {
  if (form === 'narrow' && ms < 95) {
    return new Intl.NumberFormat(language, {
      style: 'unit',
      unit: 'millisecond',
      unitDisplay: 'narrow',
      maximumFractionDigits: 0,
    }).format(ms);
  }
  const seconds = ms / 1000;
  const [value, unit] =
    seconds < 60 ? ([seconds, 'second'] as const) : ([seconds / 60, 'minute'] as const);
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: form,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

/** A share of the whole, such as "62 %" or "62%". */
export function formatPercent(done: number, total: number, language: Language): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(
    total > 0 ? Math.min(1, done / total) : 0,
  );
}

/** When something happened: "today 14:02", "20 Nov 09:41", with the year where it differs. */
export function formatWhen(iso: string, language: Language, now = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const time = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    // Not `hour12: false`, with which English writes midnight as 24:00.
    hourCycle: 'h23',
  });
  const days = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
  if (days === 0 || days === 1) {
    const day = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day');
    return `${day.charAt(0).toLocaleUpperCase(language)}${day.slice(1)} ${time.format(at)}`;
  }
  const date = new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  });
  return `${date.format(at)} ${time.format(at)}`;
}

/** The whole date and time, for where there is room. */
export function formatMoment(iso: string, language: Language): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    // As in lists, so that both can be compared.
    hourCycle: 'h23',
  }).format(at);
}

/** The date alone, with its year. */
export function formatDay(iso: string, language: Language): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(at);
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Sentences one after the other. The full stop of Chinese brings its own space. */
export function joinSentences(sentences: readonly string[], language: Language): string {
  return sentences.join(language === 'zh-CN' ? '' : ' ');
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A command line as it could be typed; only for reading. */
export function commandLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
