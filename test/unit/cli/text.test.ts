import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalLanguage } from '../../../electron/cli/language.ts';
import { columnsOf, sizeInWords, wrap } from '../../../electron/cli/render/layout.ts';
import { outputLines, printable } from '../../../electron/cli/render/untrusted.ts';
import { moment } from '../../../electron/cli/render/view.ts';
import { view } from './fixtures.ts';

describe('the language of the terminal', () => {
  it.each([
    [{ LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LC_ALL: '', LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'de_DE.UTF-8' }, 'zh-CN'],
    [{ LANG: 'zh' }, 'zh-CN'],
    [{ LANG: 'zh_TW.UTF-8' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{}, 'en'],
  ])('%j is %s', (environment, language) => {
    expect(terminalLanguage(environment)).toBe(language);
  });
});

describe('lines', () => {
  it('are wrapped at spaces, with their indent', () => {
    expect(wrap('one two three four five six', 22, '  ')).toEqual([
      '  one two three four',
      '  five six',
    ]);
  });

  it('keep a path whole that is longer than the line', () => {
    const path = `/${'very-long/'.repeat(12)}end`;
    expect(wrap(`set in ${path} on line 3`, 40)).toContain(path);
  });

  it('break Chinese between characters, and never before a full stop', () => {
    const lines = wrap(
      '这个程序是在较新的系统上构建的，它需要本系统的库所没有的函数。'.repeat(3),
      40,
    );
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      expect(columnsOf(line)).toBeLessThanOrEqual(42);
      expect(line).not.toMatch(/^[，。]/u);
    }
  });

  it('lose no word, whatever the text', () => {
    const word = fc.stringMatching(/^[a-z库的/.-]{1,30}$/u);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.integer({ min: 20, max: 100 }),
        (all, width) => {
          const squeezed = (text: string): string => text.replaceAll(/\s/gu, '');
          expect(squeezed(wrap(all.join(' '), width, ' ').join('\n'))).toBe(squeezed(all.join('')));
        },
      ),
    );
  });

  it('are measured as a terminal draws them', () => {
    expect(['git', '库', '（', 'e\u0301', '\u001b[31mred\u001b[39m'].map(columnsOf)).toEqual([
      3, 2, 2, 1, 3,
    ]);
  });

  it('say sizes as file managers do', () => {
    expect([0, 999, 1000, 1_900_000, 27_400_000, 999_600_000].map(sizeInWords)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.9 MB',
      '27 MB',
      '1.0 GB',
    ]);
  });
});

describe('untrusted text', () => {
  it('shows control characters instead of obeying them', () => {
    expect(printable('a\u001b]52;c;AAAA\u0007b\u009b31m\rc', true)).toBe(
      'a\\x1b]52;c;AAAA\\x07b\\x9b31m\\x0dc',
    );
    expect(printable('gnp\u202e.exe', false)).toBe('gnp\\u{202e}.exe');
  });

  it('keeps Devmend’s own colours, only where there are colours', () => {
    expect(printable('\u001b[31mred\u001b[39m', true)).toBe('\u001b[31mred\u001b[39m');
    expect(printable('\u001b[31mred', false)).toBe('\\x1b[31mred');
    expect(printable('\u001b[2Jgone', true)).toBe('\\x1b[2Jgone');
  });

  it('never lets a control character through that is not a colour', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text, false)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/u);
      }),
    );
  });

  it('takes the colours and overwritten lines out of a program’s output', () => {
    expect(
      outputLines('\u001b[1mgit\u001b[0m version\r\n10%\r100%\n\u001b]0;title\u0007end'),
    ).toEqual(['git version', '100%', 'end']);
    expect(outputLines('10%\r100%\r')).toEqual(['100%']);
  });
});

it.each(['en', 'zh-CN'] as const)(
  'a time of day has 24 hours in %s, as in the window',
  (language) => {
    const evening = new Date(2026, 10, 23, 22, 16).toISOString();
    expect(moment(view({ language }), evening)).toContain('22:16');
    expect(moment(view({ language }), evening)).not.toContain('PM');
  },
);
