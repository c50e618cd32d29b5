import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSpeech } from '../../../renderer/i18n/i18n.ts';
import { pseudo, pseudoCatalog } from '../../../renderer/i18n/pseudo.ts';
import en from '../../../renderer/i18n/en.json' with { type: 'json' };
import zh from '../../../renderer/i18n/zh-CN.json' with { type: 'json' };
import {
  commandLine,
  formatBytes,
  formatDuration,
  formatMoment,
  formatWhen,
  joinSentences,
  shortPath,
} from '../../../renderer/ui/format.ts';

const places = (text: string) =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
const catalogs: readonly Readonly<Record<string, string>>[] = [en, zh];

function sources(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

describe('the texts of the window', () => {
  it('A4.12 have the same keys and the same places to fill in, in both languages', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
    const other: Readonly<Record<string, string>> = zh;
    for (const [key, text] of Object.entries(en)) {
      expect([key, places(other[key] ?? '')]).toEqual([key, places(text)]);
    }
  });

  it('are all said somewhere', () => {
    const code = sources(join(process.cwd(), 'renderer')).join('\n');
    const unused = Object.keys(en)
      .map((key) => key.replace(/_(one|other)$/, ''))
      .filter((key) => !code.includes(`'${key}'`))
      .filter(
        (key) => !/^(about\.privileged|done|history\.(type|undo|redo)|plan\.rootOff)\./.test(key),
      );
    expect(unused).toEqual([]);
  });

  it('keep calm: no exclamation marks and no pictures', () => {
    for (const text of catalogs.flatMap((catalog) => Object.values(catalog))) {
      expect(text).not.toMatch(/[!！]|\p{Extended_Pictographic}/u);
    }
  });

  it('count by the rules of the language, with numbers as the language writes them', async () => {
    const speech = await createSpeech('en');
    expect(speech.text('plan.apply', { count: 1 })).toBe('Apply 1 repair');
    expect(speech.text('plan.apply', { count: 3 })).toBe('Apply 3 repairs');
    await speech.use('zh-CN');
    expect(speech.text('plan.apply', { count: 1 })).toBe('应用 1 项修复');
  });

  it('speak the engine’s messages and errors in the same language', async () => {
    const speech = await createSpeech('zh-CN');
    const finding = { key: 'check.glibc.title.fails', params: { program: 'git' } };
    expect(speech.say(finding)).toMatch(/git/);
    expect(speech.say(finding)).not.toBe('check.glibc.title.fails');
  });

  it('have a text for exactly one also where the language knows no singular', async () => {
    const speech = await createSpeech('zh-CN');
    const params = (count: number) => ({ library: 'libz.so.1', more: count - 1, count });
    const missing = (count: number) =>
      speech.say({ key: 'check.library.summary.missing', params: params(count) });
    expect(missing(1)).toBe('本系统没有 libz.so.1');
    expect(missing(3)).toBe('本系统缺少 libz.so.1 及另外 2 个库');
  });

  it('A4.12 have a longer test language that leaves the places to fill in alone', () => {
    expect(pseudo('Apply {{count}} repairs')).toContain('{{count}}');
    for (const [key, text] of Object.entries(pseudoCatalog(en))) {
      const original = (en as Readonly<Record<string, string>>)[key] ?? '';
      const words = original.replace(/\{\{\w+\}\}/g, '').length;
      expect(text.length).toBeGreaterThanOrEqual(original.length + Math.ceil(words * 0.4));
    }
  });
});

describe('what is shown of values', () => {
  it('shortens paths below the home directory, and only those', () => {
    expect(shortPath('/home/user/a', '/home/user')).toBe('~/a');
    expect(shortPath('/home/username/a', '/home/user')).toBe('/home/username/a');
    expect(shortPath('/etc/x', '/')).toBe('/etc/x');
  });

  it('writes sizes and times as the language does', () => {
    expect(formatBytes(27_000_000, 'en')).toBe('27 MB');
    expect(formatBytes(1_900_000, 'en')).toBe('1.9 MB');
    expect(formatDuration(2300, 'en', 'narrow')).toBe('2.3s');
    expect(formatDuration(14, 'en', 'narrow')).toBe('14ms');
    expect(formatDuration(90_000, 'en')).toBe('1.5 minutes');
  });

  it('says today and yesterday, and the year only where it differs', () => {
    const now = new Date(2026, 10, 23, 18, 0);
    expect(formatWhen(new Date(2026, 10, 23, 14, 2).toISOString(), 'en', now)).toBe('Today 14:02');
    expect(formatWhen(new Date(2026, 10, 22, 9, 41).toISOString(), 'zh-CN', now)).toBe(
      '昨天 09:41',
    );
    expect(formatWhen(new Date(2025, 10, 18).toISOString(), 'en', now)).toContain('2025');
    expect(formatWhen(new Date(2026, 10, 23).toISOString(), 'en', now)).toBe('Today 00:00');
    const moment = new Date(2026, 10, 23, 14, 2).toISOString();
    expect(formatMoment(moment, 'en')).toBe('November 23, 2026 at 14:02');
    expect(formatWhen('not a date', 'en', now)).toBe('not a date');
  });

  it('joins sentences as the language does', () => {
    expect(joinSentences(['One.', 'Two.'], 'en')).toBe('One. Two.');
    expect(joinSentences(['一。', '二。'], 'zh-CN')).toBe('一。二。');
  });

  it('quotes what a shell would take apart', () => {
    expect(commandLine(['git', '--version'])).toBe('git --version');
    expect(commandLine(['cp', "it's here", '/tmp'])).toBe("cp 'it'\\''s here' /tmp");
  });
});
