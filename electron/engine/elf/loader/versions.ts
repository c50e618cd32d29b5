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
  if (object.elf.interpreter !== null) {
    // A program is loaded once; only the checks of libraries come back.
    return compare(need, provider);
  }
  let checks = object.versionChecks.get(need);
  if (checks === undefined) {
    checks = new Map();
    object.versionChecks.set(need, checks);
  }
  let missing = checks.get(provider);
  if (missing === undefined) {
    missing = compare(need, provider);
    checks.set(provider, missing);
  }
  return missing;
}

function compare(need: VersionNeed, provider: LoadedObject): readonly NeededVersion[] {
  return need.versions.every((one) => provider.defines.has(one.name))
    ? NONE
    : need.versions.filter((one) => !provider.defines.has(one.name));
}
