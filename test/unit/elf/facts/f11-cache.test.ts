import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseLoaderCache } from '../../../../electron/engine/elf/loader/cache.ts';
import { temporaryDirectory } from '../tools.ts';
import { glibcRoot, placeLibrary, simulatedWhich, startInRoot, whichProgram } from './roots.ts';

const directory = temporaryDirectory();
const SUITES = ['bullseye', 'bookworm', 'trixie'] as const;
const roots = new Map<string, string>();

beforeAll(async () => {
  for (const suite of SUITES) {
    const root = await glibcRoot(suite, path.join(directory, suite));
    // Only the cache leads to the library.
    placeLibrary(root, path.join(directory, 'scratch'), 'opt/cached', 7);
    whichProgram(root, path.join(directory, 'stub'));
    fs.writeFileSync(path.join(root, 'etc/ld.so.conf'), '/opt/cached\n');
    roots.set(suite, root);
  }
}, 120_000);

/** The cache that the release's own ldconfig writes in a format. */
function cacheOf(suite: string, format: 'old' | 'new' | 'compat'): Buffer {
  const root = roots.get(suite) ?? '';
  execFileSync('/usr/sbin/chroot', [root, '/sbin/ldconfig', '-X', '-c', format]);
  return fs.readFileSync(path.join(root, 'etc/ld.so.cache'));
}

/** Puts a cache into the root, and asks the release's loader and the simulation about it. */
function expectSame(suite: string, cache: Buffer | null, what: string): boolean {
  const root = roots.get(suite) ?? '';
  const file = path.join(root, 'etc/ld.so.cache');
  fs.rmSync(file, { force: true });
  if (cache !== null) {
    fs.writeFileSync(file, cache);
  }
  const real = startInRoot(root, '/opt/program');
  const { path: ours } = simulatedWhich(root);
  const theirs = real.status === 7 ? '/opt/cached/libwhich.so' : null;
  expect({ suite, what, ours, stderr: real.stderr }).toMatchObject({ suite, what, ours: theirs });
  return theirs !== null;
}

const NEW_MAGIC = 'glibc-ld.so.cache1.1';

/** Where in a cache the entry for libwhich.so is, and the offset its strings count from. */
function entryOf(cache: Buffer): { readonly at: number; readonly base: number } {
  const base = cache.indexOf(NEW_MAGIC);
  const name = cache.indexOf('\0libwhich.so\0') + 1 - base;
  const names = [name, cache.indexOf('/libwhich.so\0') + 1 - base];
  for (let at = base + 48; at < cache.length; at += 24) {
    if (names.includes(cache.readUInt32LE(at + 4))) {
      return { at, base };
    }
  }
  throw new Error('libwhich.so is not in the cache');
}

describe('F11 the cache in every format', () => {
  test.each(SUITES)('F11 %s: old, new and both in one file lead to the library', (suite) => {
    const used: boolean[] = [];
    for (const format of ['old', 'new', 'compat'] as const) {
      const cache = cacheOf(suite, format);
      expect([format, cache.toString('latin1', 0, 11)]).toEqual([
        format,
        format === 'new' ? NEW_MAGIC.slice(0, 11) : 'ld.so-1.7.0',
      ]);
      expect(cache.includes(NEW_MAGIC)).toBe(format !== 'old');
      used.push(expectSame(suite, cache, format));
    }
    // The old format of glibc 2.31's ldconfig leads four bytes past every string.
    expect(used).toEqual([suite !== 'bullseye', true, true]);
    expect(expectSame(suite, null, 'no cache')).toBe(false);
  });
});

describe('F11 a cache of the other byte order', () => {
  test('F11 one that says so is refused; one that says nothing is taken', () => {
    for (const suite of SUITES) {
      const cache = cacheOf(suite, 'new');
      const flags = cache.indexOf(NEW_MAGIC) + 28;
      expect(cache[flags]).toBe(2);
      for (const value of [0, 1, 2, 3]) {
        const changed = Buffer.from(cache);
        changed[flags] = value;
        const used = expectSame(suite, changed, `flags ${value}`);
        expect({ suite, value, used }).toEqual({ suite, value, used: value === 0 || value === 2 });
      }
    }
  });

  test('F11 written big-endian, byte by byte, it gives a big-endian loader the same answers', () => {
    for (const format of ['old', 'new', 'compat'] as const) {
      const little = cacheOf('bookworm', format);
      const filter = { flags: 0x303, hwcaps: ['x86-64-v3', 'x86-64-v2'] };
      const expected = parseLoaderCache(little, filter);
      const big = { ...filter, littleEndian: false };
      const read = parseLoaderCache(inBigEndian(little), big);
      expect(read.ok && expected.ok && [...read.value]).toEqual(
        expected.ok ? [...expected.value] : null,
      );
      expect(read.ok && read.value.get('libwhich.so')).toBe('/opt/cached/libwhich.so');
    }
  });
});

describe('F11 a damaged cache', () => {
  test.each(SUITES)('F11 %s: what the loader still makes of it', (suite) => {
    const cache = cacheOf(suite, 'new');
    const compat = cacheOf(suite, 'compat');
    const { at, base } = entryOf(cache);
    const changes: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
      ['empty', () => Buffer.alloc(0)],
      ['half a header', (bytes) => bytes.subarray(0, 20)],
      ['a header without entries', (bytes) => bytes.subarray(0, 48)],
      ['cut in the entries', (bytes) => bytes.subarray(0, at + 10)],
      ['too many entries', (bytes) => write(bytes, base + 20, 100_000)],
      ['no entries', (bytes) => write(bytes, base + 20, 0)],
      ['another magic', (bytes) => write(bytes, 0, 0x41414141)],
      ['another version', (bytes) => write(bytes, base + 17, 0x32)],
      ['a path behind the end', (bytes) => write(bytes, at + 8, bytes.length + 10)],
      ['an extension behind the end', (bytes) => write(bytes, base + 32, bytes.length + 64)],
      ['another architecture’s entry', (bytes) => write(bytes, at, 0xa03)],
      ['an entry for every architecture', (bytes) => write(bytes, at, 1)],
    ];
    for (const [what, change] of changes) {
      expectSame(suite, change(Buffer.from(cache)), what);
    }
    expectSame(suite, write(Buffer.from(compat), 12, 1_000_000), 'old part: too many entries');
  });
});

function write(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt32LE(value, at);
  return bytes;
}

/** The same cache with every number's bytes turned round, as an ldconfig for s390x would write it. */
function inBigEndian(little: Buffer): Buffer {
  const big = Buffer.from(little);
  const turn = (at: number, size: 4 | 8): void => {
    big.subarray(at, at + size).reverse();
  };
  const base = little.indexOf(NEW_MAGIC);
  if (base !== 0) {
    turn(12, 4);
    for (let index = 0; index < little.readUInt32LE(12); index += 1) {
      [0, 4, 8].forEach((field) => turn(16 + index * 12 + field, 4));
    }
  }
  if (base >= 0) {
    turn(base + 20, 4);
    turn(base + 24, 4);
    big[base + 28] = 3;
    turn(base + 32, 4);
    for (let index = 0; index < little.readUInt32LE(base + 20); index += 1) {
      const entry = base + 48 + index * 24;
      [0, 4, 8, 12].forEach((field) => turn(entry + field, 4));
      turn(entry + 16, 8);
    }
    const extension = little.readUInt32LE(base + 32);
    turn(extension, 4);
    turn(extension + 4, 4);
    for (let index = 0; index < little.readUInt32LE(extension + 4); index += 1) {
      [0, 4, 8, 12].forEach((field) => turn(extension + 8 + index * 16 + field, 4));
    }
  }
  return big;
}
