import type { NeededVersion, VersionNeed } from '../types.ts';
import type { LoadedObject } from './store.ts';

const NONE: readonly NeededVersion[] = [];

/**
 * Which versions of one need of `object` the provider lacks (elf/dl-version.c,
 * `match_symbol`). A provider without version definitions satisfies everything:
 * the loader only remarks on it. Membership, never number order:
 * `GLIBC_ABI_DT_RELR` is a version too.
 */
export function missingVersions(
  object: LoadedObject,
  need: VersionNeed,
  provider: LoadedObject,
): readonly NeededVersion[] {
  if (provider.defines.size === 0) {
    return NONE;
  }
  let checks = object.versionChecks.get(need);
  if (checks === undefined) {
    checks = new Map();
    object.versionChecks.set(need, checks);
  }
  let missing = checks.get(provider);
  if (missing === undefined) {
    missing = need.versions.every((one) => provider.defines.has(one.name))
      ? NONE
      : need.versions.filter((one) => !provider.defines.has(one.name));
    checks.set(provider, missing);
  }
  return missing;
}
