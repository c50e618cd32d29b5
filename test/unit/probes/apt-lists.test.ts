import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { probeGaps } from '../../../electron/engine/checks/gaps.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { aptCandidates, type Offered } from '../../../electron/engine/probes/packages/apt-lists.ts';
import { lz4Parts } from '../../../electron/engine/probes/packages/lz4.ts';
import type { InstalledPackage } from '../../../electron/engine/probes/packages/model.ts';
import { snapshot } from '../../fixtures/snapshots.ts';
import { makeTree, type Tree } from '../../integration/probes/tree.ts';

const LISTS = '/var/lib/apt/lists';
const signal = new AbortController().signal;
const trees: Tree[] = [];
afterEach(() => trees.splice(0).forEach((tree) => tree.remove()));

function tree(): Tree {
  const made = makeTree();
  trees.push(made);
  made.write(`${LISTS}/lock`, '');
  return made;
}

const libc6: InstalledPackage = {
  library: 'libc.so.6',
  name: 'libc6',
  version: '2.36-9+deb12u10',
  architecture: 'amd64',
  held: false,
  owns: true,
  intact: true,
};

const stanza = (name: string, version: string, architecture = 'amd64'): string =>
  `Package: ${name}\nSource: s\nVersion: ${version}\nArchitecture: ${architecture}\nMulti-Arch: same\n`;

/** A list as long as a real one's neighbourhood: the stanzas lie behind a thousand others. */
function listOf(...stanzas: readonly string[]): string {
  const others = Array.from({ length: 1000 }, (_, index) => stanza(`other-${index}`, `1.${index}`));
  return [...others.slice(0, 500), ...stanzas, ...others.slice(500)].join('\n');
}

function lz4(text: string, ...options: readonly string[]): Buffer {
  return execFileSync('lz4', ['-c', '-q', ...options], {
    input: text,
    maxBuffer: 64 * 1024 * 1024,
  });
}

function put(at: Tree, name: string, bytes: string | Buffer): void {
  fs.writeFileSync(at.host(join(LISTS, name)), bytes);
}

async function offeredIn(at: Tree, budgetMs?: number): Promise<Offered> {
  const files = openFiles(at.root);
  return aptCandidates({ root: at.root, files, machine: 'x86-64' }, [libc6], signal, budgetMs);
}

describe("apt's lists", () => {
  it.each([
    ['plain', '', (text: string) => text],
    ['gzip', '.gz', (text: string) => gzipSync(text)],
    ['lz4', '.lz4', (text: string) => lz4(text)],
    ['lz4, small linked blocks', '.lz4', (text: string) => lz4(text, '-B4', '-BD')],
    [
      'lz4 with block checksums and size',
      '.lz4',
      (text: string) => lz4(text, '-BX', '--content-size'),
    ],
    ['lz4, packed hard', '.lz4', (text: string) => lz4(text, '-9')],
  ])(
    '%s: each other version is a candidate, with its suite and direction',
    async (_, ending, pack) => {
      const at = tree();
      const text = listOf(
        stanza('libc6', '2.31-13+deb11u11'),
        stanza('libc6', '2.36-9+deb12u10'),
        stanza('libc6', '2.41-12'),
      );
      put(at, `mirror.example_debian_dists_trixie_main_binary-amd64_Packages${ending}`, pack(text));
      expect(await offeredIn(at)).toEqual({
        candidates: [
          { name: 'libc6', version: '2.31-13+deb11u11', origin: 'trixie', direction: 'downgrade' },
          { name: 'libc6', version: '2.41-12', origin: 'trixie', direction: 'upgrade' },
        ],
        problems: [],
      });
    },
  );

  it('packages of other architectures, and those whose names only begin alike, are no candidates', async () => {
    const at = tree();
    const text = listOf(
      stanza('libc6', '2.41-12', 'i386'),
      stanza('libc6-dev', '2.41-12'),
      `${stanza('libc-bin', '2.41-12')}Depends: x\nDescription: x\n Package: libc6\n`,
    );
    put(at, 'm_dists_sid_main_binary-amd64_Packages', text);
    expect((await offeredIn(at)).candidates).toEqual([]);
  });

  it('an epoch and a tilde are ordered as dpkg orders them', async () => {
    const at = tree();
    put(at, 'm_dists_a_main_binary-amd64_Packages', stanza('libc6', '1:2.20-1'));
    put(at, 'm_dists_b_main_binary-amd64_Packages', stanza('libc6', '2.36-9+deb12u10~bpo1'));
    const { candidates } = await offeredIn(at);
    expect(candidates.map(({ origin, direction }) => `${origin} ${direction}`).sort()).toEqual([
      'a upgrade',
      'b downgrade',
    ]);
  });

  it('a stanza at the seam of two parts is read whole', async () => {
    const at = tree();
    const filler = 1024 * 1024 - 40;
    const text = `Package: a\nDescription: ${'x'.repeat(filler - 30)}\n\n${stanza('libc6', '2.41-12')}`;
    for (const [ending, bytes] of [
      ['', text],
      ['.lz4', lz4(text)],
    ] as const) {
      put(at, `m_dists_seam${ending.slice(1)}_main_binary-amd64_Packages${ending}`, bytes);
    }
    expect((await offeredIn(at)).candidates.map(({ version }) => version)).toEqual([
      '2.41-12',
      '2.41-12',
    ]);
  });

  it('a form that is not read here is named, and the others count', async () => {
    const at = tree();
    put(at, 'm_dists_one_main_binary-amd64_Packages.xz', 'not read');
    put(at, 'm_dists_two_main_binary-amd64_Packages', listOf(stanza('libc6', '2.41-12')));
    const { candidates, problems } = await offeredIn(at);
    expect(candidates).toHaveLength(1);
    expect(problems).toMatchObject([{ code: 'malformed', detail: '.xz is not read here' }]);
  });

  it('nothing is read of a form that is not read here, however long it is', async () => {
    const at = tree();
    for (const ending of ['.xz', '.zst']) {
      put(at, `m_dists_long_main_binary-amd64_Packages${ending}`, '');
      // Longer than any list that is read: as a hole it takes no room.
      fs.truncateSync(
        at.host(join(LISTS, `m_dists_long_main_binary-amd64_Packages${ending}`)),
        3e8,
      );
    }
    const { problems } = await offeredIn(at, 60_000);
    expect(problems.map(({ detail }) => detail)).toEqual([
      '.xz is not read here',
      '.zst is not read here',
    ]);
  });

  it('where time is over the shortest lists have been read, and it is no gap of the scan', async () => {
    const at = tree();
    put(at, 'm_dists_long_main_binary-amd64_Packages', listOf(stanza('libc6', '2.41-12')));
    const { candidates, problems } = await offeredIn(at, -1);
    expect(candidates).toEqual([]);
    expect(problems).toMatchObject([{ code: 'timed-out' }]);
    const base = snapshot([]);
    const slot = { ...base.probes.packages, status: 'partial' as const, problems: [...problems] };
    const told = { ...base, probes: { ...base.probes, packages: slot } };
    expect(probeGaps(told)).toEqual([]);
    // Without any answer it is one.
    const none = { ...slot, status: 'failed' as const, data: null };
    expect(probeGaps({ ...base, probes: { ...base.probes, packages: none } })).toHaveLength(1);
  });
});

describe('LZ4 frames', () => {
  const decode = (bytes: Buffer): Buffer =>
    Buffer.concat([...lz4Parts(bytes)].map((part) => Buffer.from(part)));
  const text = listOf(stanza('libc6', '2.41-12'));

  it('come back as they were, whatever was packed', () => {
    const word = fc.constantFrom('a', 'ab', 'Package: x\n', '\n', 'ä', 'zzzzzzzzzzzzzzzz');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 400 }), fc.nat(3), (words, times) => {
        const plain = words.join('').repeat(10 ** times % 97);
        expect(decode(lz4(plain)).toString()).toBe(plain);
      }),
      { numRuns: 12 },
    );
  });

  it('that break off are refused at every length, and give nothing made up', () => {
    const whole = lz4(text);
    for (let length = 0; length < whole.length - 8; length += 61) {
      expect(() => decode(whole.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    }
  });

  it('that claim more than a block may hold, or reach before the beginning, are refused', () => {
    const head = Buffer.from(lz4('x').subarray(0, 7));
    const block = (size: number, ...bytes: readonly number[]): Buffer => {
      const header = Buffer.alloc(4);
      header.writeUInt32LE(size >>> 0);
      return Buffer.concat([head, header, Buffer.from(bytes), Buffer.alloc(4)]);
    };
    expect(() => decode(block(0x7fffffff, 1))).toThrow('LZ4 block too long');
    expect(() => decode(block(0xffffffff, 1))).toThrow('LZ4 block too long');
    // One letter, then a match eight bytes back.
    expect(() => decode(block(5, 0x10, 0x61, 8, 0, 0))).toThrow('LZ4 match');
    expect(() => decode(block(5, 0x10, 0x61, 0, 0, 0))).toThrow('LZ4 match');
    // A length that goes on and on: four megabytes and more of the same letter.
    const long = Buffer.concat([
      Buffer.from([0x1f, 0x61, 1, 0]),
      Buffer.alloc(40_000, 255),
      Buffer.from([0]),
    ]);
    expect(() => decode(block(long.length, ...long))).toThrow('LZ4 match');
    expect(() => decode(block(2, 0xf0, 200))).toThrow('LZ4 literals');
  });

  it('of another kind are refused', () => {
    expect(() => decode(Buffer.from('Package: libc6\n'))).toThrow('no LZ4 frame');
    const other = Buffer.from(lz4(text));
    other.writeUInt8(0x24, 4);
    expect(() => decode(other)).toThrow('unknown LZ4 frame');
  });

  it('with any byte changed end in an answer or a RangeError, and never grow', () => {
    const whole = lz4(text, '-B4');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(whole);
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
        try {
          expect(decode(bytes).length).toBeLessThan(text.length + 8 * 1024 * 1024);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a damaged list', () => {
  it('is named as damaged, and the others still count', async () => {
    const at = tree();
    const good = listOf(stanza('libc6', '2.41-12'));
    put(at, 'm_dists_good_main_binary-amd64_Packages.lz4', lz4(good));
    put(at, 'm_dists_cut_main_binary-amd64_Packages.lz4', lz4(good).subarray(0, 300));
    put(at, 'm_dists_gz_main_binary-amd64_Packages.gz', gzipSync(good).subarray(0, 300));
    const { candidates, problems } = await offeredIn(at);
    expect(candidates.map(({ origin }) => origin)).toEqual(['good']);
    expect(problems.map(({ code, path }) => `${code} ${path?.split('_')[2]}`).sort()).toEqual([
      'malformed cut',
      'malformed gz',
    ]);
  });
});
