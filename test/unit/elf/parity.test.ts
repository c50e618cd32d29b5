import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { parseLoaderCache } from '../../../electron/engine/elf/loader/cache.ts';
import { architectureOf, hostProcessor } from '../../../electron/engine/elf/loader/architecture.ts';
import { readLoaderConstants } from '../../../electron/engine/elf/loader/interpreter.ts';
import { readElf } from '../../../electron/engine/elf/read.ts';
import { elfOf, temporaryDirectory } from './tools.ts';

const directory = temporaryDirectory();

const LOADER = '/lib64/ld-linux-x86-64.so.2';

function dynamicPrograms(directory: string): string[] {
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${directory}/${entry.name}`)
    .filter((file) => {
      const elf = readElf(file);
      return elf.ok && elf.value.interpreter === LOADER;
    });
}

test('every program in /usr/bin and /usr/sbin: same objects, order and verdict as ld.so --list', () => {
  const session = new LoaderSession('/');
  const programs = [...dynamicPrograms('/usr/bin'), ...dynamicPrograms('/usr/sbin')];
  expect(programs.length).toBeGreaterThan(100);
  const differences: unknown[] = [];
  for (const program of programs) {
    const report = session.simulate(program);
    const real = spawnSync(LOADER, ['--list', program], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin' },
    });
    const theirs = real.stdout
      .split('\n')
      .map((line) => /(?:^|\s)(\/\S+) \(0x/.exec(line)?.[1])
      .filter((one) => one !== undefined);
    const ours = report.objects.map((one) => one.path);
    const verdict = real.status === 0 ? 'starts' : 'fails';
    if (JSON.stringify(ours) !== JSON.stringify(theirs) || report.verdict !== verdict) {
      differences.push({ program, ours, theirs, verdict, ourVerdict: report.verdict });
    }
  }
  expect(differences).toEqual([]);
}, 180_000);

test('the cache answers as ldconfig -p lists it', () => {
  const architecture = architectureOf(elfOf('/bin/ls'));
  if (architecture === null) {
    throw new Error('an architecture without simulation');
  }
  const { hwcaps } = hostProcessor(architecture);
  const cache = parseLoaderCache(fs.readFileSync('/etc/ld.so.cache'), {
    flags: architecture.cacheFlags,
    hwcaps,
  });
  const text = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  const first = new Map<string, string>();
  for (const match of text.matchAll(/^\t(\S+) \(libc6,x86-64[^)]*\) => (\S+)$/gm)) {
    const [, soname = '', target = ''] = match;
    if (!first.has(soname)) {
      first.set(soname, target);
    }
  }
  expect(first.size).toBeGreaterThan(100);
  expect(cache.ok && Object.fromEntries(cache.value)).toEqual(Object.fromEntries(first));
});

test('the compatible cache format with the new one behind the old is read too', () => {
  const target = path.join(directory, 'compat.cache');
  execFileSync('/sbin/ldconfig', ['-c', 'compat', '-C', target, '-X']);
  const bytes = fs.readFileSync(target);
  expect(bytes.toString('latin1', 0, 11)).toBe('ld.so-1.7.0');
  const filter = { flags: 0x303, hwcaps: [] };
  const compat = parseLoaderCache(bytes, filter);
  const plain = parseLoaderCache(fs.readFileSync('/etc/ld.so.cache'), filter);
  expect(compat.ok && compat.value.get('libc.so.6')).toBe(
    plain.ok ? plain.value.get('libc.so.6') : '',
  );
  expect(compat.ok && compat.value.size).toBeGreaterThan(100);
});

test('a library in a glibc-hwcaps directory wins over the plain one in the cache', () => {
  const base = path.join(directory, 'hwcaps');
  const lib = `${base}/usr/lib`;
  for (const level of ['', '/glibc-hwcaps/x86-64-v2', '/glibc-hwcaps/x86-64-v3']) {
    fs.mkdirSync(`${lib}${level}`, { recursive: true });
    fs.copyFileSync('/lib/x86_64-linux-gnu/libz.so.1', `${lib}${level}/libz.so.1`);
  }
  fs.mkdirSync(`${base}/etc`);
  fs.writeFileSync(`${base}/etc/ld.so.conf`, '/usr/lib\n');
  execFileSync('/sbin/ldconfig', ['-r', base, '-c', 'new']);
  const bytes = fs.readFileSync(`${base}/etc/ld.so.cache`);
  const pathFor = (hwcaps: readonly string[]): string | undefined => {
    const cache = parseLoaderCache(bytes, { flags: 0x303, hwcaps });
    return cache.ok ? cache.value.get('libz.so.1') : cache.error.detail;
  };
  expect(pathFor(['x86-64-v3', 'x86-64-v2'])).toMatch(/x86-64-v3\/libz/);
  expect(pathFor(['x86-64-v2'])).toMatch(/x86-64-v2\/libz/);
  expect(pathFor([])).toMatch(/lib\/libz/);
});

test('the loader constants are those that ld.so --list-diagnostics prints', () => {
  const architecture = architectureOf(elfOf('/bin/ls'));
  if (architecture === null) {
    throw new Error('an architecture without simulation');
  }
  const text = execFileSync(LOADER, ['--list-diagnostics'], { encoding: 'utf8' });
  const directories = [...text.matchAll(/^path\.system_dirs\[.*?\]="(.*)\/"$/gm)].map(
    (match) => match[1],
  );
  const constants = readLoaderConstants('/', LOADER, architecture);
  expect(constants.systemDirectories).toEqual(directories);
  expect(constants.lib).toBe(/dl_dst_lib="(.*)"/.exec(text)?.[1]);
  const subdirectories = /dl_hwcaps_subdirs="(.*)"/.exec(text)?.[1]?.split(':') ?? [];
  const active = Number(/dl_hwcaps_subdirs_active=(0x\w+)/.exec(text)?.[1]);
  // Bit 0 is the lowest level, which is named last.
  const expected = subdirectories.filter(
    (_, index) => (active >> (subdirectories.length - 1 - index)) % 2 === 1,
  );
  expect(hostProcessor(architecture).hwcaps).toEqual(expected);
  expect(hostProcessor(architecture).platform).toBe(/dl_platform="(.*)"/.exec(text)?.[1]);
});
