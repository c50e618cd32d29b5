import * as fs from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DT } from '../../../electron/engine/elf/constants.ts';
import { lastValue } from '../../../electron/engine/elf/dynamic.ts';
import { readGoBuildInfo } from '../../../electron/engine/elf/go-build-info.ts';
import { readElf } from '../../../electron/engine/elf/read.ts';
import { readSymbolUses } from '../../../electron/engine/elf/relocations.ts';
import { bytesSource, type ByteSource } from '../../../electron/engine/elf/source.ts';
import { readDynamicSymbols } from '../../../electron/engine/elf/symbols.ts';
import { architectureOf } from '../../../electron/engine/elf/loader/architecture.ts';
import { parseLoaderCache } from '../../../electron/engine/elf/loader/cache.ts';
import { readLoaderConstants } from '../../../electron/engine/elf/loader/interpreter.ts';
import { BUILT, buildElf } from './builder.ts';
import { elfOf, temporaryDirectory } from './tools.ts';

const FIXTURE = { wide: true, little: true, machine: 62 };

/** Counts what a reader asks for, so that a hang shows without a clock. */
function counted(bytes: Uint8Array): ByteSource & { reads: number; bytes: number } {
  const inner = bytesSource(bytes);
  const source = {
    size: inner.size,
    reads: 0,
    bytes: 0,
    read: (target: Uint8Array, length: number, position: number): number => {
      source.reads += 1;
      source.bytes += length;
      return inner.read(target, length, position);
    },
  };
  return source;
}

function codeOf(bytes: Uint8Array): string {
  const elf = readElf(bytesSource(bytes));
  return elf.ok ? 'ok' : elf.error.code;
}

describe('hostile files are error values with an offset', () => {
  test.each([
    ['empty', Buffer.alloc(0), 'not-elf'],
    ['a script', Buffer.from(`#!/bin/sh\n${'#'.repeat(100)}\n`), 'not-elf'],
    ['only the magic', Buffer.from('\x7fELF', 'latin1'), 'not-elf'],
    ['cut off in the program headers', buildElf(FIXTURE).subarray(0, 100), 'truncated'],
    ['cut off in the dynamic table', buildElf(FIXTURE).subarray(0, 0x440), 'truncated'],
  ])('%s', (_, bytes, code) => {
    const elf = readElf(bytesSource(bytes));
    expect(elf).toMatchObject({ ok: false, error: { code } });
    expect(!elf.ok && typeof elf.error.offset).toBe('number');
  });

  test('a directory, a FIFO path and a missing file', () => {
    expect(readElf('/usr')).toMatchObject({ ok: false, error: { code: 'not-a-file' } });
    expect(readElf('/no/such/file')).toMatchObject({
      ok: false,
      error: { code: 'unreadable', offset: null, detail: 'ENOENT' },
    });
  });

  test('65,535 program headers are refused, not read', () => {
    const bytes = buildElf(FIXTURE);
    bytes.writeUInt16LE(0xffff, 56);
    expect(codeOf(bytes)).toBe('too-complex');
  });

  test('version needs that overlap without end stop', () => {
    const bytes = buildElf(FIXTURE);
    bytes.writeUInt16LE(0xffff, BUILT.needs + 2);
    expect(codeOf(bytes)).toBe('too-complex');
    const creeping = Buffer.concat([buildElf(FIXTURE), Buffer.alloc(0)]);
    // Every record points one byte further: legal for one step, a crawl for thousands.
    creeping.writeUInt32LE(1, BUILT.needs + 12);
    expect(['ok', 'malformed', 'too-complex', 'truncated']).toContain(codeOf(creeping));
  });

  test('a definition chain that leads backwards by overflow ends at the end of the file', () => {
    const bytes = buildElf(FIXTURE);
    bytes.writeUInt32LE(0xffffffe4, BUILT.defines + 16);
    expect(codeOf(bytes)).toBe('truncated');
  });

  test('a huge symbol count is refused', () => {
    const bytes = buildElf(FIXTURE);
    bytes.writeUInt32LE(0xfffffff0, BUILT.hash + 4);
    const source = bytesSource(bytes);
    const elf = readElf(source);
    expect(elf.ok && readDynamicSymbols(source, elf.value)).toMatchObject({
      ok: false,
      error: { code: 'too-complex' },
    });
  });

  test('thousands of entries that name one long string stay within memory', () => {
    const size = 1 << 20;
    const bytes = Buffer.alloc(size, 0x41);
    buildElf(FIXTURE).copy(bytes, 0, 0, 0x400);
    bytes.writeBigUInt64LE(BigInt(size), 64 + 32);
    bytes.writeBigUInt64LE(BigInt(size), 64 + 40);
    const dynamic = 0x400;
    bytes.writeBigUInt64LE(65536n, 64 + 56 + 32);
    const entry = (index: number, tag: number, value: number): void => {
      bytes.writeBigUInt64LE(BigInt(tag), dynamic + index * 16);
      bytes.writeBigUInt64LE(BigInt(value), dynamic + index * 16 + 8);
    };
    entry(0, 5, 0x10000 + 0x20000);
    entry(1, 10, 0x10000);
    for (let index = 2; index < 4095; index += 1) {
      entry(index, 1, 0);
    }
    entry(4095, 0, 0);
    bytes.writeUInt8(0, 0x20000 + 4000);
    expect(codeOf(bytes)).toBe('too-complex');
  });
});

test('thousands of symbol names that end in one long string are refused', () => {
  const file = '/usr/lib/x86_64-linux-gnu/libstdc++.so.6';
  const bytes = fs.readFileSync(file);
  const elf = elfOf(file);
  const strings = lastValue(elf.dynamic!.entries, DT.STRTAB)!;
  bytes.fill(0x41, strings + 10_000, strings + 70_000);
  expect(readDynamicSymbols(file, elf).ok).toBe(true);
  expect(readDynamicSymbols(bytesSource(bytes), elf)).toMatchObject({
    ok: false,
    error: { code: 'too-complex' },
  });
});

describe('mutations of real files', () => {
  const REAL = [
    '/bin/ls',
    '/bin/sh',
    '/lib64/ld-linux-x86-64.so.2',
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib/x86_64-linux-gnu/libm.so.6',
    '/lib/x86_64-linux-gnu/libz.so.1',
    '/lib/x86_64-linux-gnu/libgcc_s.so.1',
    '/lib/x86_64-linux-gnu/libselinux.so.1',
    '/usr/bin/patchelf',
    '/usr/bin/readelf',
  ].map((file) => fs.readFileSync(file).subarray(0, 1 << 19));

  /** Interesting places are the headers and, in most files, the first tables. */
  const mutation = fc.record({
    place: fc.oneof(fc.nat(1200), fc.nat(0x8000), fc.nat(1 << 19)),
    value: fc.constantFrom(0, 1, 2, 4, 0x7f, 0x80, 0xff),
    run: fc.constantFrom(1, 1, 2, 4, 8),
  });

  test('none throws, none reads without bound (3,000 mutants, fixed seed)', () => {
    fc.assert(
      fc.property(
        fc.nat(REAL.length - 1),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (which, mutations) => {
          const bytes = Buffer.from(REAL[which] ?? Buffer.alloc(0));
          for (const { place, value, run } of mutations) {
            const start = place % (bytes.length - run);
            bytes.fill(value, start, start + run);
          }
          const source = counted(bytes);
          const elf = readElf(source);
          expect(source.reads).toBeLessThan(4000);
          if (elf.ok) {
            expect(source.bytes).toBeLessThan(8 << 20);
            readDynamicSymbols(source, elf.value);
            readGoBuildInfo(source, elf.value);
            readSymbolUses(source, elf.value, new Set([1, 2, 3]));
          } else {
            expect(elf.error.offset).not.toBeNull();
          }
        },
      ),
      { numRuns: 3000, seed: 20261123 },
    );
  });

  test('mutated made-up files of each class and byte order (4,000 mutants, fixed seed)', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.array(
          fc.record({
            place: fc.nat(0x930),
            value: fc.constantFrom(0, 1, 3, 0x10, 0x7f, 0x80, 0xff),
            run: fc.constantFrom(1, 2, 4, 8),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        (wide, little, mutations) => {
          const bytes = buildElf({ wide, little, machine: 62 });
          for (const { place, value, run } of mutations) {
            bytes.fill(value, place, place + run);
          }
          const source = counted(bytes);
          const elf = readElf(source);
          if (elf.ok) {
            readDynamicSymbols(source, elf.value);
            readGoBuildInfo(source, elf.value);
          }
          expect(source.reads).toBeLessThan(2000);
        },
      ),
      { numRuns: 4000, seed: 8 },
    );
  });

  test('a file of 300 MB costs some kilobytes', () => {
    const file = `${temporaryDirectory()}/large`;
    fs.copyFileSync('/bin/ls', file);
    fs.truncateSync(file, 300 * 1024 * 1024);
    const fd = fs.openSync(file, 'r');
    let read = 0;
    const elf = readElf({
      size: fs.fstatSync(fd).size,
      read: (target, length, position) => {
        read += length;
        return fs.readSync(fd, target, 0, length, position);
      },
    });
    fs.closeSync(fd);
    expect(elf.ok && elf.value.appendedPayload?.size).toBeGreaterThan(299 * 1024 * 1024);
    expect(read).toBeLessThan(200_000);
  });
});

test('a damaged loader cache is an error value', () => {
  const bytes = fs.readFileSync('/etc/ld.so.cache');
  const filter = { flags: 0x303, hwcaps: [] };
  fc.assert(
    fc.property(fc.nat(4000), fc.nat(255), fc.nat(8), (place, value, run) => {
      const copy = Buffer.from(bytes);
      copy.fill(value, place, place + run);
      parseLoaderCache(copy.subarray(0, copy.length - (value % 40) * 100), filter);
    }),
    { numRuns: 500, seed: 4 },
  );
  expect(parseLoaderCache(Buffer.from('nonsense'), filter).ok).toBe(false);
});

test('a loader of nothing but paths costs one pass, not a search from each of them', () => {
  const file = `${temporaryDirectory()}/ld.so`;
  const names = ['/lib'.repeat(500_000), '/'.repeat(2e6), 'ld.so.cache'.repeat(1e5)];
  const real = '\0/opt/lib64/\0/opt/lib/\0/opt/etc/ld.so.cache\0';
  fs.writeFileSync(file, `${names.join('\0')}${real}${names.join('')}`);
  const constants = readLoaderConstants('/', file, architectureOf(elfOf('/bin/ls'))!);
  expect(constants.systemDirectories).toEqual(['/opt/lib64', '/opt/lib']);
  expect(constants.cachePath).toBe('/opt/etc/ld.so.cache');
});
