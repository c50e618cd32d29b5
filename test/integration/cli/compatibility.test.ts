import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf } from '../../../electron/cli/render/layout.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { libcChangeReportSchema } from '../../../shared/libc-change.ts';
import { fetchLibc6 } from '../../fixtures/libc6-deb.ts';
import { bundledCli, type Ended } from './harness.ts';

const cli = bundledCli();
const chinese = { LANG: 'zh_CN.UTF-8' };
const language = { en: {}, 'zh-CN': chinese } as const;
let home = '';
let program = '';
let older = '';

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'devmend-cli-compatibility-'));
  program = join(home, 'closer');
  // close_range is in glibc since 2.34.
  const source =
    '#define _GNU_SOURCE\n#include <unistd.h>\nint main(void){return close_range(3,~0u,0);}\n';
  writeFileSync(`${program}.c`, source);
  execFileSync('gcc', ['-o', program, `${program}.c`]);
  older = await fetchLibc6('bullseye');
}, 300_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> =>
  cli.run([...args, '--program', program], { home, environment });
const flat = ({ stdout }: Ended): string => stdout.replace(/\s+/g, ' ');
const tooWide = ({ stdout }: Ended): readonly string[] =>
  stdout.split('\n').filter((line) => columnsOf(line) > 80);

describe('devmend matrix', () => {
  it('groups programs by their C library, and says why where they do not start', async () => {
    const matrix = await run(['matrix']);
    expect([matrix.code, matrix.stderr]).toEqual([0, '']);
    expect(flat(matrix)).toMatch(/glibc 2\.34 or newer: .*\bcloser\b/);
    expect(flat(matrix)).toMatch(/this machine glibc 2\.36 \+/);
    expect(flat(matrix)).toContain('Debian 11');
    expect(flat(matrix)).toMatch(
      / x [^:]+: \S+closer asks libc\.so\.6 for \S+@GLIBC_2\.34; .* does not offer it/,
    );
    expect(flat(matrix)).toContain('+ starts x does not start ? cannot be told');
    expect(flat(matrix)).toContain('judged by their C and C++ libraries alone');
    expect(flat(matrix)).toContain('--all shows them');
    expect(matrix.stdout).not.toContain('Debian 7 ');
  });

  it('says the same in Chinese', async () => {
    const matrix = await run(['matrix'], chinese);
    expect([matrix.code, matrix.stderr]).toEqual([0, '']);
    expect(flat(matrix)).toMatch(/glibc 2\.34 或更新: .*\bcloser\b/);
    expect(flat(matrix)).toMatch(/本机 glibc 2\.36 \+/);
    expect(flat(matrix)).toContain('+ 能启动 x 不能启动 ? 无法判断');
    expect(flat(matrix)).toContain('仅按其 C 和 C++ 库判断');
    expect(flat(matrix)).not.toMatch(/does not start|or newer/);
  });

  it.each(['en', 'zh-CN'] as const)('--all in %s fits 80 columns', async (name) => {
    const matrix = await run(['matrix', '--all'], language[name]);
    expect(matrix.code).toBe(0);
    expect(tooWide(matrix)).toEqual([]);
    expect(matrix.stdout).toContain('Debian 7 ');
  });
});

describe('devmend upgrade', () => {
  it('to an older glibc names program and symbol, and ends with status 1', async () => {
    const upgrade = await run(['upgrade', older]);
    expect([upgrade.code, upgrade.stderr]).toEqual([1, '']);
    expect(flat(upgrade)).toMatch(/An older C library now: glibc 2\.36, package 2\.36-\S+,/);
    expect(flat(upgrade)).toMatch(/then: glibc 2\.31, package 2\.31-/);
    expect(flat(upgrade)).toMatch(/\d+ programs? would no longer start/);
    expect(flat(upgrade)).toMatch(
      new RegExp(`closer ${program} .* asks libc.so.6 for \\S+@GLIBC_2\\.34`),
    );
    expect(flat(upgrade)).toContain('libstdc++ is not part of it');
  });

  it('says the same in Chinese, and as JSON in the words of that language', async () => {
    const upgrade = await run(['upgrade', older], chinese);
    expect([upgrade.code, upgrade.stderr]).toEqual([1, '']);
    expect(flat(upgrade)).toMatch(/较旧的 C 库 现在：glibc 2\.36/);
    expect(flat(upgrade)).toMatch(/之后：glibc 2\.31/);
    expect(flat(upgrade)).toMatch(/\d+ 个程序将不再启动/);
    expect(flat(upgrade)).not.toMatch(/would|older/);
    const { stdout } = await run(['upgrade', older, '--json'], chinese);
    expect(libcChangeReportSchema.shape.direction.parse(JSON.parse(stdout).direction)).toBe(
      'downgrade',
    );
  });

  it.each([
    ['en', 'The same release of the C library', /Nothing changes for the \d+ programs/],
    ['zh-CN', '相同版本的 C 库', /所检查的 \d+ 个程序都没有变化/],
  ] as const)(
    'in %s: to the same glibc in a directory changes nothing',
    async (name, title, rest) => {
      const directory = join(home, `same-${name}`);
      mkdirSync(directory);
      const { objects } = new LoaderSession('/').simulate('/usr/bin/gcc');
      for (const { path, soname } of objects)
        if (/^(?:libc|libm|ld-linux.*)\.so\.\d+$/.test(soname ?? ''))
          copyFileSync(path, join(directory, soname ?? ''));
      const upgrade = await run(['upgrade', directory], language[name]);
      expect([upgrade.code, upgrade.stderr]).toEqual([0, '']);
      expect(flat(upgrade)).toContain(title);
      expect(flat(upgrade)).toMatch(rest);
      expect(tooWide(upgrade)).toEqual([]);
    },
  );
});
