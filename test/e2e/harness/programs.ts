import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unpackDebianPackages } from '../../fixtures/debian.ts';
import { testCacheDirectory } from '../../fixtures/test-cache.ts';

/** Debian 13's git, unpacked once and kept: a prefix with bin/ and lib/git-core/. */
export async function unpackedGit(): Promise<string> {
  const kept = join(testCacheDirectory(), 'git-trixie');
  if (!existsSync(kept)) {
    mkdirSync(testCacheDirectory(), { recursive: true });
    const fresh = mkdtempSync(`${kept}-`);
    await unpackDebianPackages('trixie', ['git'], fresh);
    renameSync(join(fresh, 'usr'), kept);
    rmSync(fresh, { recursive: true });
  }
  return kept;
}
