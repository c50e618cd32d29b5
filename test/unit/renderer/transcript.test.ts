import { describe, expect, it } from 'vitest';
import { plainText, Transcript } from '../../../renderer/terminal/transcript.ts';

describe('the transcript of a job', () => {
  it('acknowledges at once while no terminal is open, so that nothing waits for a closed drawer', () => {
    const taken: number[] = [];
    const transcript = new Transcript();
    transcript.begin((characters) => taken.push(characters));
    transcript.data('hello\r\n');
    transcript.command('patchelf --print-rpath git');
    transcript.note('checked');
    expect(taken).toEqual([7, 26]);
  });

  it('acknowledges only when an open terminal has taken the text in', () => {
    const taken: number[] = [];
    const waiting: (() => void)[] = [];
    const transcript = new Transcript();
    transcript.begin((characters) => taken.push(characters));
    transcript.attach((_text, done) => waiting.push(done));
    transcript.data('12345');
    expect(taken).toEqual([]);
    waiting.at(-1)?.();
    expect(taken).toEqual([5]);
  });

  it('shows a terminal that opens late everything so far, once', () => {
    const shown: string[] = [];
    const taken: number[] = [];
    const transcript = new Transcript();
    transcript.begin((characters) => taken.push(characters));
    transcript.data('before');
    transcript.attach((text, done) => {
      shown.push(text);
      done();
    });
    expect(shown).toEqual(['before']);
    expect(taken).toEqual([6]);
  });

  it('A4.7 copies and saves plain text, without colours, titles or clipboard commands', () => {
    const transcript = new Transcript();
    transcript.command('git --version');
    transcript.data(
      '\u001b[31mred\u001b[0m\u001b]52;c;ZXZpbA==\u0007\u001b]0;title\u001b\\ end\r\n',
    );
    expect(transcript.plain()).toBe('$ git --version\nred end\n');
  });

  it('A1.8 takes control characters out of commands and notes, which may hold names of files', () => {
    const transcript = new Transcript();
    transcript.command('touch \u001b]52;c;ZXZpbA==\u0007x');
    let shown = '';
    transcript.attach((text) => (shown += text));
    expect(shown).not.toContain('\u001b]52');
  });

  it('keeps the order of progress lines that overwrite themselves', () => {
    expect(plainText('10%\r20%\r\ndone')).toBe('10%\n20%\ndone');
  });
});
