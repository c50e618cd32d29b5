import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMaps, readings, withoutRemark } from '../../../electron/engine/processes/maps.ts';
import { comparableAt, parseMounts } from '../../../electron/engine/processes/mounts.ts';
import { silentMountAt } from '../../../electron/engine/processes/silent-mounts.ts';
import {
  commandWords,
  isOverwritten,
  parseEnvironment,
  parseStat,
  splitArguments,
} from '../../../electron/engine/processes/status.ts';
import { commandInWords } from '../../../electron/engine/processes/command-words.ts';

describe('texts of /proc', () => {
  it('stat: the last parenthesis closes the name, whatever is in it', () => {
    const fields = ['S', '4', ...Array(4).fill('0'), '4194304', ...Array(12).fill('0'), '777', '0'];
    expect(parseStat(`12 (a) R 1 (\n) b) ${fields.join(' ')}\n`)).toMatchObject({
      name: 'a) R 1 (\n) b',
      state: 'S',
      parent: 4,
      startTicks: 777,
      kernel: false,
    });
    expect(parseStat('12 (cut off) S 1')).toBeNull();
    expect(parseStat('')).toBeNull();
  });

  it('cmdline: a title that Chromium has written over everything is taken apart', () => {
    const words = (text: string): readonly string[] => commandWords(Buffer.from(text));
    expect(words('/opt/a b/code --type=gpu-process --no-sandbox\0\0\0')).toEqual([
      '/opt/a b/code',
      '--type=gpu-process',
      '--no-sandbox',
    ]);
    expect(words('/opt/code\0--type=utility\0a b\0')).toEqual([
      '/opt/code',
      '--type=utility',
      'a b',
    ]);
    expect(words('nginx: worker process\0')).toEqual(['nginx: worker process']);
  });

  it('maps: one entry a file, executable when any part is, and no shared memory', () => {
    const maps = [
      '7f0000001000-7f0000002000 r--p 00000000 fe:00 42                     /lib/a b.so',
      '7f0000002000-7f0000003000 r-xp 00001000 fe:00 42                     /lib/a b.so',
      '00400000-00401000 r--p 00000000 00:1f 7 /data\\012x (deleted)',
      '7f0000004000-7f0000005000 rw-s 00000000 00:01 9 /memfd:x (deleted)',
      '7f0000006000-7f0000007000 rw-p 00000000 00:00 0 [heap]',
      'not a line',
    ].join('\n');
    expect(parseMaps(maps)).toMatchObject([
      { range: '7f0000001000-7f0000002000', executable: true, inode: 42n, written: '/lib/a b.so' },
      { range: '400000-401000', executable: false, device: { major: 0, minor: 31 } },
    ]);
    expect(readings('/data\\012x')).toEqual(['/data\nx', '/data\\012x']);
    expect(withoutRemark('/a (deleted)')).toBe('/a');
    expect(withoutRemark('/a')).toBeNull();
  });

  it('mountinfo: layered file systems cannot be compared, the innermost mount counts', () => {
    const mountinfo = [
      '1 0 254:0 / / rw - ext4 /dev/a rw',
      '2 1 0:40 / /with\\040space rw shared:1 - overlay overlay rw',
      '3 2 254:1 / /with\\040space/in rw - xfs /dev/b rw',
      'nonsense',
    ].join('\n');
    const comparable = comparableAt(parseMounts(mountinfo));
    expect(comparable('/usr/lib/x')).toBe(true);
    expect(comparable('/with space/x')).toBe(false);
    expect(comparable('/with space/in/x')).toBe(true);
    expect(comparable('/with spaces')).toBe(true);
    expect(comparableAt([])('/x')).toBe(false);
  });

  it('a silent network file system is not asked, nor what is reached through it', () => {
    const mounts = parseMounts(
      [
        '1 0 254:0 / / rw - ext4 /dev/a rw',
        '2 1 0:41 / /far rw - nfs4 server:/far rw',
        '3 2 254:1 / /far/disk rw - ext4 /dev/b rw',
        '4 1 0:42 / /home rw - autofs systemd-1 rw',
        '5 4 0:43 / /home/me rw - cifs //server/me rw',
      ].join('\n'),
    );
    const at = (path: string, answering: readonly string[]) =>
      silentMountAt(path, mounts, new Set(answering))?.point ?? null;
    expect(at('/usr/lib/x', [])).toBeNull();
    expect(at('/farther', [])).toBeNull();
    expect(at('/far/x', [])).toBe('/far');
    expect(at('/far/disk/x', [])).toBe('/far');
    expect(at('/far/x', ['0:41'])).toBeNull();
    expect(at('/far/disk/x', ['0:41'])).toBeNull();
    expect(at('/home/me/x', ['0:41', '0:43'])).toBeNull();
    expect(at('/home/me/x', ['0:41'])).toBe('/home/me');
    // To look for a name there is what mounts it.
    expect(at('/home/you', ['0:41', '0:42', '0:43'])).toBe('/home');
  });

  it('cmdline and environ: NUL-terminated, the first of a name counts', () => {
    expect(splitArguments(Buffer.from('a\0\0b c\0'))).toEqual(['a', '', 'b c']);
    expect([...parseEnvironment(Buffer.from('A=1\0A=2\0=x\0B\0C=\0'))]).toEqual([
      ['A', '1'],
      ['C', ''],
    ]);
  });

  it('environ: a title, the end of one or zeros alone are no variables', () => {
    const overwritten = (text: string): boolean => isOverwritten(Buffer.from(text));
    expect(
      ['\0\0\0', '-US\0\0\0', 's=foo\0\0\0', 'code --type=x'].filter(overwritten),
    ).toHaveLength(4);
    expect(['', 'HOME=/root\0A=\0', 'A=--b c\0'].filter(overwritten)).toEqual([]);
  });

  it('a command shows no secret, be it a word of its own', () => {
    const words = commandInWords([
      'x',
      '--token',
      'abc',
      '--password=def',
      '--api-key',
      'ghi',
      'z',
    ]);
    expect(words).not.toMatch(/abc|def|ghi/);
    expect(words).toContain(' z');
  });

  it('may be anything at all', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseStat(text);
        parseMaps(text);
        comparableAt(parseMounts(text))(text);
      }),
    );
  });
});
