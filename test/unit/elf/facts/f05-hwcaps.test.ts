import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  architectureOf,
  describeProcessor,
} from '../../../../electron/engine/elf/loader/architecture.ts';
import { RPATH, temporaryDirectory } from '../tools.ts';
import { glibcRoot, placeLibrary, simulatedWhich, startInRoot, whichProgram } from './roots.ts';

const directory = temporaryDirectory();
const SUITES = ['bullseye', 'bookworm', 'trixie'] as const;
const roots = new Map<string, string>();

/** Where a library may lie below a directory: levels, legacy names, and neither. */
const VARIANTS = [
  'glibc-hwcaps/x86-64-v4',
  'glibc-hwcaps/x86-64-v3',
  'glibc-hwcaps/x86-64-v2',
  'tls/haswell/avx512_1/x86_64',
  'tls/haswell/x86_64',
  'tls/haswell',
  'tls/x86_64/x86_64',
  'tls/x86_64',
  'tls',
  'haswell/avx512_1/x86_64',
  'haswell/avx512_1',
  'haswell/x86_64',
  'haswell',
  'avx512_1/x86_64',
  'avx512_1',
  'x86_64/x86_64',
  'x86_64',
  '',
];

beforeAll(async () => {
  for (const suite of SUITES) {
    roots.set(suite, await glibcRoot(suite, path.join(directory, suite)));
  }
}, 120_000);

function rootOf(suite: string): string {
  return roots.get(suite) ?? '';
}

/**
 * Takes away, one after the other, the library that the real loader took, until
 * it finds none: the simulation has to name the same one every time.
 */
function expectSameOrder(root: string, base: string, prepare: () => void): string[] {
  for (const [index, variant] of VARIANTS.entries()) {
    placeLibrary(root, path.join(directory, 'scratch'), path.join(base, variant), index + 1);
  }
  const order: string[] = [];
  for (;;) {
    prepare();
    const real = startInRoot(root, '/opt/program');
    const { path: ours } = simulatedWhich(root);
    const variant = real.status === 127 ? null : VARIANTS[(real.status ?? 0) - 1];
    const theirs =
      typeof variant !== 'string' ? null : path.posix.join(`/${base}`, variant, 'libwhich.so');
    expect({ ours, stderr: real.stderr }).toMatchObject({ ours: theirs });
    if (theirs === null || typeof variant !== 'string') {
      break;
    }
    order.push(variant);
    fs.rmSync(path.join(root, theirs));
  }
  fs.rmSync(path.join(root, base), { recursive: true, force: true });
  return order;
}

describe('F5 hwcaps: processor-specific directories', () => {
  test.each(SUITES)('F5 %s: below an RPATH directory, in the real loader’s order', (suite) => {
    const root = rootOf(suite);
    whichProgram(root, path.join(directory, 'stub'), [RPATH, '-Wl,-rpath,/opt/rp']);
    const order = expectSameOrder(root, 'opt/rp', () => undefined);
    expect(order.at(-1)).toBe('');
    expect(order.includes('tls')).toBe(suite !== 'trixie');
  });

  test.each(SUITES)('F5 %s: below a default directory', (suite) => {
    const root = rootOf(suite);
    whichProgram(root, path.join(directory, 'stub'));
    fs.rmSync(path.join(root, 'etc/ld.so.cache'), { force: true });
    for (const [index, variant] of VARIANTS.entries()) {
      const base = path.join('usr/lib/x86_64-linux-gnu', variant);
      placeLibrary(root, path.join(directory, 'scratch'), base, index + 1);
    }
    for (;;) {
      const real = startInRoot(root, '/opt/program');
      const { path: ours } = simulatedWhich(root);
      if (real.status === 127) {
        expect(ours).toBeNull();
        break;
      }
      const variant = VARIANTS[(real.status ?? 0) - 1] ?? '?';
      expect(ours).toMatch(new RegExp(`^(/usr)?/lib/x86_64-linux-gnu/${variant}/?libwhich\\.so$`));
      fs.rmSync(path.join(root, 'usr/lib/x86_64-linux-gnu', variant, 'libwhich.so'));
    }
  });

  test.each(SUITES)('F5 %s: through the cache that its own ldconfig writes', (suite) => {
    const root = rootOf(suite);
    whichProgram(root, path.join(directory, 'stub'));
    fs.writeFileSync(path.join(root, 'etc/ld.so.conf'), '/opt/conf\n');
    const order = expectSameOrder(root, 'opt/conf', () => {
      const made = spawnSync('/usr/sbin/chroot', [root, '/sbin/ldconfig'], { encoding: 'utf8' });
      expect(made.status).toBe(0);
    });
    expect(order.at(-1)).toBe('');
  });
});

describe('F5 the platform that glibc names', () => {
  const x86 = architectureOf({ class: 'ELF64', littleEndian: true, machine: 62 });
  const level3 =
    'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm movbe';
  const level4 = `${level3} avx512f avx512bw avx512cd avx512dq avx512vl`;

  // Seen with LD_DEBUG=libs on one processor of each vendor; the last by the source alone.
  test.each([
    ['GenuineIntel', level4, 'haswell', ['tls', 'haswell', 'avx512_1', 'x86_64']],
    ['AuthenticAMD', level4, 'x86_64', ['tls', 'x86_64', 'x86_64']],
    ['GenuineIntel', 'popcnt', 'x86_64', ['tls', 'x86_64', 'x86_64']],
  ])('F5 %s with %s is %s', (vendor, flags, platform, legacy) => {
    const cpuinfo = `vendor_id\t: ${vendor}\nflags\t\t: ${flags}\n`;
    if (x86 === null) throw new Error('x86-64 is simulated');
    expect(describeProcessor(x86, cpuinfo)).toMatchObject({ platform, legacy });
  });
});
