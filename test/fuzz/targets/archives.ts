import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseLoaderCache } from '../../../electron/engine/elf/loader/cache.ts';
import { unpackDeb } from '../../../electron/engine/sandbox/deb.ts';
import { Unpacking } from '../../../electron/engine/sandbox/unpacking.ts';
import { DevmendError } from '../../../shared/error.ts';
import { byteMutators, textMutators } from '../mutate.ts';
import { LARGEST_FILE, seedsIn, type Target } from '../target.ts';

/** The loader's cache, for each kind of entry that a loader accepts. */
export const cache: Target = {
  name: 'cache',
  about: 'ld.so.cache, both formats and byte orders',
  seeds: seedsIn('cache'),
  mutators: byteMutators,
  largest: LARGEST_FILE,
  runs: 20_000,
  open: () => (bytes) => {
    for (const flags of [0x303, 0x3, 0x403])
      parseLoaderCache(bytes, { flags, hwcaps: ['x86-64-v3', 'x86-64-v2'] });
  },
};

/** A package, unpacked: ar, each compression, tar, and what may be written where. */
export const deb: Target = {
  name: 'deb',
  about: '.deb: ar, gzip, xz, zstd, tar, unpacking',
  seeds: seedsIn('deb'),
  mutators: [...byteMutators, ...textMutators],
  largest: LARGEST_FILE,
  runs: 10_000,
  open: (directory) => {
    const file = path.join(directory, 'package.deb');
    const into = path.join(directory, 'into');
    const { signal } = new AbortController();
    return async (bytes) => {
      fs.writeFileSync(file, bytes);
      fs.mkdirSync(into);
      try {
        const unpacking = new Unpacking(into, { select: (name) => name, durable: false });
        await unpackDeb(file, unpacking, { limit: 1 << 20, signal });
        await unpacking.finish();
      } catch (error) {
        if (!(error instanceof DevmendError)) throw error;
      } finally {
        fs.rmSync(into, { recursive: true });
      }
      const [stray] = fs.readdirSync(directory).filter((name) => name !== 'package.deb');
      if (stray !== undefined) throw new Error(`unpacked beside its directory: ${stray}`);
    };
  },
};
