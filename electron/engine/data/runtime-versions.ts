/**
 * Version names of glibc that carry no release number: since which upstream
 * release they are there, and from which on a distribution may have taken them over.
 *
 * Sources: glibc NEWS 2.36 (DT_RELR) and 2.42 (GNU2 TLS, DT_X86_64_PLT); Debian
 * 13's libc6 2.41-12+deb13u5 defines the latter two (read from the file, November 2026).
 */
export const glibcMarkers: Readonly<
  Record<string, { readonly since: string; readonly earliest: string }>
> = {
  GLIBC_ABI_DT_RELR: { since: '2.36', earliest: '2.36' },
  GLIBC_ABI_GNU2_TLS: { since: '2.42', earliest: '2.41' },
  GLIBC_ABI_DT_X86_64_PLT: { since: '2.42', earliest: '2.41' },
};

/**
 * GLIBCXX version that came in the same GCC release as a CXXABI version.
 * Source: libstdc++ manual, "ABI Policy and Guidelines", symbol versioning of
 * libstdc++.so and CXXABI by release.
 */
export const glibcxxOfCxxabi: Readonly<Record<string, string>> = {
  'CXXABI_1.3': '3.4',
  'CXXABI_1.3.1': '3.4.9',
  'CXXABI_1.3.2': '3.4.10',
  'CXXABI_1.3.3': '3.4.13',
  'CXXABI_1.3.4': '3.4.14',
  'CXXABI_1.3.5': '3.4.15',
  'CXXABI_1.3.6': '3.4.17',
  'CXXABI_1.3.7': '3.4.18',
  'CXXABI_1.3.8': '3.4.20',
  'CXXABI_1.3.9': '3.4.21',
  'CXXABI_1.3.10': '3.4.22',
  'CXXABI_1.3.11': '3.4.23',
  'CXXABI_1.3.12': '3.4.26',
  'CXXABI_1.3.13': '3.4.29',
  'CXXABI_1.3.14': '3.4.31',
  'CXXABI_1.3.15': '3.4.33',
};
