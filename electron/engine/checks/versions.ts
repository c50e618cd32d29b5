/** Families that glibc, libgcc and libstdc++ define; a private glibc sandbox brings them. */
const runtimeFamilies: ReadonlySet<string> = new Set(['GLIBC', 'GLIBCXX', 'CXXABI', 'GCC']);

/** `GLIBC` of `GLIBC_2.38`, `GLIBC` of `GLIBC_ABI_DT_RELR`, `OPENSSL` of `OPENSSL_1_1_0`. */
export function versionFamily(name: string): string {
  return /^[A-Za-z]+/.exec(name)?.[0] ?? name;
}

/** Whether a version belongs to the C or C++ runtime. */
export function isRuntimeVersion(name: string): boolean {
  return runtimeFamilies.has(versionFamily(name));
}

/**
 * Orders version names: numeric ones of a family by number, anything else by
 * text, names without numbers last. Only for showing the worst first; whether a
 * version is there is always a question of set membership.
 */
export function compareVersionNames(left: string, right: string): number {
  const leftNumbers = numbersOf(left);
  const rightNumbers = numbersOf(right);
  if (leftNumbers === null || rightNumbers === null) {
    if (leftNumbers === rightNumbers) return left < right ? -1 : Number(left > right);
    return leftNumbers === null ? -1 : 1;
  }
  const length = Math.max(leftNumbers.length, rightNumbers.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (leftNumbers[index] ?? 0) - (rightNumbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : Number(left > right);
}

function numbersOf(name: string): readonly number[] | null {
  const match = /_(\d+(?:\.\d+)*)$/.exec(name);
  return match?.[1] === undefined ? null : match[1].split('.').map(Number);
}
