import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { open as OpenFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unpackDeb } from '../../../electron/engine/sandbox/deb.ts';
import { Unpacking } from '../../../electron/engine/sandbox/unpacking.ts';
import type { UnpackedEntry } from '../../../electron/engine/sandbox/unpacking.ts';
import { DevmendError } from '../../../shared/error.ts';
import { arArchive, debFile, debOf, tarArchive } from '../../fixtures/debs.ts';
import type { DebEntry } from '../../fixtures/debs.ts';

const closing = vi.hoisted(() => ({ takesMs: 0 }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<{ open: typeof OpenFile }>();
  const open: typeof OpenFile = async (...args) => {
    const handle = await original.open(...args);
    const close = handle.close.bind(handle);
    handle.close = async () => {
      if (closing.takesMs > 0) await setTimeout(closing.takesMs);
      await close();
    };
    return handle;
  };
  return { ...original, open };
});

let work = '';
let destination = '';

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'devmend-deb-'));
  destination = join(work, 'into');
  mkdirSync(destination);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

async function unpack(deb: Buffer, limit = 10_000_000): Promise<UnpackedEntry[]> {
  const file = join(work, 'package.deb');
  writeFileSync(file, deb);
  const unpacking = new Unpacking(destination, { select: (path) => path, durable: false });
  await unpackDeb(file, unpacking, { limit, signal: new AbortController().signal });
  return await unpacking.finish();
}

async function refusal(deb: Buffer, limit?: number): Promise<string> {
  const error = await unpack(deb, limit).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DevmendError);
  const { data } = error as DevmendError;
  expect(data.code).toBe('source-unsafe-archive');
  // Nothing may have appeared outside the destination.
  expect(readdirSync(work).sort()).toEqual(['into', 'package.deb']);
  return String(data.params['reason']);
}

const file = (name: string, content = 'x'): DebEntry => ({ name, content, type: 'file' });

// The error came while the file was still being closed, when nobody listened yet, and ended
// the process. Closing is made slow, so that it always comes then.
it('a damaged member is refused however early that shows', async () => {
  const whole = gzipSync(Buffer.alloc(1024));
  whole.writeUInt32LE(7, whole.length - 8);
  const deb = arArchive([
    { name: 'debian-binary', data: Buffer.from('2.0\n') },
    { name: 'control.tar', data: Buffer.alloc(1024) },
    { name: 'data.tar.gz', data: whole },
  ]);
  closing.takesMs = 50;
  try {
    expect(await refusal(deb)).toMatch(/incorrect data check/);
  } finally {
    closing.takesMs = 0;
  }
});

describe('unpacking a .deb', () => {
  it.each(['xz', 'zstd', 'gzip', 'none'])('takes what dpkg-deb wrote with %s', async (kind) => {
    const tree = debTree();
    mkdirSync(join(tree, 'usr/bin'), { recursive: true });
    const big = Buffer.alloc(3_000_000, 'the same and again ');
    writeFileSync(join(tree, 'usr/bin/tool'), big, { mode: 0o4755 });
    symlinkSync('tool', join(tree, 'usr/bin/alias'));
    const entries = await unpack(buildWithDpkg(tree, kind));
    expect(readFileSync(join(destination, 'usr/bin/tool')).equals(big)).toBe(true);
    expect(readlinkSync(join(destination, 'usr/bin/alias'))).toBe('tool');
    expect(entries.map((entry) => entry.path).sort()).toEqual(['usr/bin/alias', 'usr/bin/tool']);
    expect(lstatSync(join(destination, 'usr/bin/tool')).mode & 0o7777).toBe(0o755);
  });

  it('keeps the times of the archive and sets plain modes whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      await unpack(await debFile([{ name: './lib', type: 'directory' }, file('./lib/a.so')]));
    } finally {
      process.umask(before);
    }
    const facts = lstatSync(join(destination, 'lib/a.so'));
    expect(facts.mtime.toISOString()).toBe('2026-01-02T03:04:05.000Z');
    expect(facts.mode & 0o7777).toBe(0o644);
    expect(lstatSync(join(destination, 'lib')).mode & 0o7777).toBe(0o755);
    expect(lstatSync(join(destination, 'lib')).mtime.toISOString()).toBe(
      '2026-01-02T03:04:05.000Z',
    );
  });

  it('links hard links to a file of the same archive', async () => {
    await unpack(await debFile([file('a'), { name: 'b', type: 'link', linkname: 'a' }]));
    expect(lstatSync(join(destination, 'a')).ino).toBe(lstatSync(join(destination, 'b')).ino);
  });
});

describe('a hostile .deb is refused with nothing outside its directory', () => {
  const outside = '../outside';
  it.each<[string, DebEntry[], RegExp]>([
    ['a path with ..', [file('a/../../outside')], /\.\./],
    ['an absolute path', [file('/tmp/devmend-outside')], /absolute/],
    ['an absolute link', [{ name: 'l', type: 'symlink', linkname: '/etc' }], /absolute link/],
    ['a link that leaves', [{ name: 'd/l', type: 'symlink', linkname: '../../x' }], /out of/],
    [
      'a file through a link',
      [{ name: 'd', type: 'symlink', linkname: 'real' }, file('d/evil')],
      /below/,
    ],
    [
      'a directory over a link',
      [
        { name: 'd', type: 'symlink', linkname: 'real' },
        { name: 'd', type: 'directory' },
      ],
      /twice/,
    ],
    [
      'a file over a link of the same name',
      [{ name: 'f', type: 'symlink', linkname: 'g' }, file('f')],
      /twice/,
    ],
    ['the same file twice', [file('f'), file('./f')], /twice/],
    ['a hard link out', [{ name: 'h', type: 'link', linkname: outside }], /\.\./],
    ['a hard link to /etc/passwd', [{ name: 'h', type: 'link', linkname: '/etc/passwd' }], /abs/],
    ['a hard link to nothing', [{ name: 'h', type: 'link', linkname: 'none' }], /hard link/],
    [
      'a hard link to a link',
      [
        { name: 'l', type: 'symlink', linkname: 'f' },
        { name: 'h', type: 'link', linkname: 'l' },
      ],
      /hard link/,
    ],
    ['a block device', [{ name: 'd', type: 'block-device' }], /block-device/],
    ['a character device', [{ name: 'd', type: 'character-device' }], /character-device/],
    ['a FIFO', [{ name: 'p', type: 'fifo' }], /fifo/],
  ])('%s', async (_what, entries, reason) => {
    expect(await refusal(await debFile(entries))).toMatch(reason);
    expect(existsSync(join(work, 'outside'))).toBe(false);
    expect(existsSync('/tmp/devmend-outside')).toBe(false);
  });

  it('writes links so that no hop leads through another link', async () => {
    const entries: DebEntry[] = [
      { name: 'd', type: 'symlink', linkname: '.' },
      { name: 'x', type: 'symlink', linkname: 'd/../etc' },
    ];
    await unpack(await debFile(entries));
    expect(readlinkSync(join(destination, 'x'))).toBe('etc');
  });

  it.each(['gzip', 'xz'])('a decompression bomb in %s', async (kind) => {
    const tree = debTree();
    writeFileSync(join(tree, 'bomb'), Buffer.alloc(30_000_000, 'a'));
    const deb = buildWithDpkg(tree, kind);
    expect(await refusal(deb, 1_000_000)).toMatch(/more than 1000000/);
  });

  it('a decompression bomb in zstd', async () => {
    const data = zstdBomb(await tarArchive([file('bomb', 'a'.repeat(30_000_000))]));
    expect(await refusal(debOf(data, 'data.tar.zst'), 1_000_000)).toMatch(/more than 1000000/);
  });

  it('a xz stream that asks for a dictionary of 1.5 GiB', async () => {
    // echo hello | xz -c --lzma2=preset=0,dict=1536MiB
    const data = Buffer.from(
      '/Td6WFoAAATm1rRGAgAhASUAAAA7eHtBAQAFaGVsbG8KAAAApWCX8ZT2/eAAAR4GwS+kHR+2830BAAAAAARZWg==',
      'base64',
    );
    expect(await refusal(debOf(data, 'data.tar.xz'))).toMatch(/error/);
  });

  it('a stopped xz stream does not keep the next one waiting', async () => {
    const tree = debTree();
    writeFileSync(join(tree, 'bomb'), Buffer.alloc(30_000_000, 'a'));
    const deb = buildWithDpkg(tree, 'xz');
    await refusal(deb, 1_000_000);
    rmSync(destination, { recursive: true });
    mkdirSync(destination);
    await unpack(deb, 100_000_000);
    expect(lstatSync(join(destination, 'bomb')).size).toBe(30_000_000);
  });

  it('a zstd frame that asks for a window of 1 GiB', async () => {
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (30 - 10) << 3]);
    const frame = Buffer.concat([head, Buffer.from([0x01, 0, 0]), Buffer.alloc(32)]);
    expect(await refusal(debOf(frame, 'data.tar.zst'))).toMatch(/window/);
  });

  it('members that are missing, doubled, unknown or longer than the file', async () => {
    const data = gzipSync(await tarArchive([file('a')]));
    const member = (name: string, content: Buffer | string) => ({
      name,
      data: Buffer.from(content),
    });
    const format = member('debian-binary', '2.0\n');
    const control = member('control.tar.gz', gzipSync(''));
    expect(await refusal(Buffer.from('not an archive'))).toMatch(/ar archive/);
    expect(await refusal(arArchive([control, member('data.tar.gz', data)]))).toMatch(/format 2/);
    expect(await refusal(arArchive([format, control]))).toMatch(/members/);
    const twice = member('data.tar.gz', data);
    expect(await refusal(arArchive([format, control, twice, twice]))).toMatch(/members/);
    expect(await refusal(arArchive([format, control, member('data.tar.lz', data)]))).toMatch(/lz/);
    const whole = arArchive([format, control, twice]);
    expect(await refusal(whole.subarray(0, whole.length - 10))).toMatch(/longer than the file/);
  });

  it('never throws anything but a refusal, whatever the bytes', async () => {
    const honest = await debFile([file('a', 'content'), { name: 'd', type: 'directory' }]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(honest.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (changes) => {
          rmSync(destination, { recursive: true });
          mkdirSync(destination);
          const bytes = Buffer.from(honest);
          for (const [offset, value] of changes) bytes[offset] = value;
          await unpack(bytes).catch((error: unknown) => {
            expect((error as DevmendError).data?.code).toBe('source-unsafe-archive');
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** The tree of a package with nothing in it yet. */
function debTree(): string {
  const tree = join(work, 'tree');
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  const control = 'Package: t\nVersion: 1\nArchitecture: all\nMaintainer: t\nDescription: t\n';
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  return tree;
}

function buildWithDpkg(tree: string, compression: string): Buffer {
  const path = join(work, 'made.deb');
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '-b', tree, path]);
  const bytes = readFileSync(path);
  rmSync(path);
  rmSync(tree, { recursive: true });
  return bytes;
}

/**
 * A zstd frame that begins with the first block of `tar` and goes on with 30 MB of
 * the letter a in run-length blocks (RFC 8878, section 3.1.1.2.2): 4 bytes each.
 */
function zstdBomb(tar: Buffer): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (20 - 10) << 3]);
  const block = (size: number, type: number, last: boolean, data: Buffer): Buffer => {
    const header = (size << 3) | (type << 1) | (last ? 1 : 0);
    return Buffer.concat([Buffer.from([header & 255, (header >> 8) & 255, header >> 16]), data]);
  };
  const runs = Array.from({ length: 300 }, (_, index) =>
    block(100_000, 1, index === 299, Buffer.from('a')),
  );
  return Buffer.concat([head, block(512, 0, false, tar.subarray(0, 512)), ...runs]);
}
