import { describe, expect, it } from 'vitest';
import {
  compareVersionNames,
  isRuntimeVersion,
  versionFamily,
} from '../../../electron/engine/checks/versions.ts';

describe('version names', () => {
  it('are ordered by number, not by text', () => {
    const names = ['GLIBC_2.4', 'GLIBC_2.38', 'GLIBC_2.2.5', 'GLIBC_2.17'];
    expect([...names].sort(compareVersionNames)).toEqual([
      'GLIBC_2.2.5',
      'GLIBC_2.4',
      'GLIBC_2.17',
      'GLIBC_2.38',
    ]);
  });

  it('without a number come before those with one', () => {
    const names = ['GLIBC_2.2.5', 'GLIBC_ABI_DT_RELR', 'GLIBC_PRIVATE'];
    expect([...names].sort(compareVersionNames).at(-1)).toBe('GLIBC_2.2.5');
  });

  it('belong to the C and C++ runtime by family, whatever stands behind it', () => {
    expect(isRuntimeVersion('GLIBC_ABI_DT_X86_64_PLT')).toBe(true);
    expect(isRuntimeVersion('CXXABI_1.3.15')).toBe(true);
    expect(isRuntimeVersion('OPENSSL_3.2.0')).toBe(false);
    expect(versionFamily('GLIBCXX_3.4.32')).toBe('GLIBCXX');
  });
});
