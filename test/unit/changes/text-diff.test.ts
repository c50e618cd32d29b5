import { describe, expect, it } from 'vitest';
import { redactLine } from '../../../electron/engine/secrets/redact-line.ts';
import { diffTexts } from '../../../electron/engine/changes/text-diff.ts';

describe('the diff of a settings file', () => {
  it('has signs, line numbers and one line around the change', () => {
    const before = Buffer.from('{\n"a": 1,\n"b": 2,\n"c": 3,\n"d": 4\n}\n');
    const after = Buffer.from('{\n"a": 1,\n"b": 2,\n"c": 5,\n"d": 4\n}\n');
    expect(diffTexts(before, after)).toEqual([
      { sign: ' ', line: 3, text: '"b": 2,' },
      { sign: '-', line: 4, text: '"c": 3,' },
      { sign: '+', line: 4, text: '"c": 5,' },
      { sign: ' ', line: 5, text: '"d": 4' },
    ]);
  });

  it('shows no carriage returns and no byte order mark', () => {
    const lines = diffTexts(Buffer.from('\uFEFFa\r\nb\r\n'), Buffer.from('\uFEFFa\r\nc\r\n'));
    expect(lines.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  it('A3.11 hides secrets in the lines around the change', () => {
    const text = (value: number): Buffer =>
      Buffer.from(
        `{\n"sync.token": "abc123def",\n"a": ${value},\n"proxy": "http://me:pw1234@proxy"\n}`,
      );
    const shown = diffTexts(text(1), text(2))
      .map((line) => line.text)
      .join('\n');
    expect(shown).toContain('"sync.token": "••••••"');
    expect(shown).not.toMatch(/abc123def|pw1234/);
  });
});

describe('A3.11 a line', () => {
  it.each([
    ['"github.token": "ghp_0123456789abcdefghijABCDEFGHIJ"', '"github.token": "••••••"'],
    ['export API_KEY=hunter2', 'export API_KEY=••••••'],
    ['"x": "sk-0123456789abcdefghijkl"', '"x": "••••••"'],
    ['"db": "postgres://me:secret@host/db"', '"db": "postgres://me:••••••@host/db"'],
    ['"password": \'a\\\\b\'', '"password": \'••••••\''],
  ])('%s loses its secret', (line, clean) => expect(redactLine(line)).toBe(clean));

  it.each([
    '"git.path": "/usr/bin/git", // team build',
    '"editor.tokenColor": true',
    'https://host:80/',
  ])('%s stays as it is', (line) => expect(redactLine(line)).toBe(line));
});
