import type { DependencyReport } from '../../../../shared/elf.ts';
import type { Mapped } from './process.ts';

/** The files that make up one glibc and only work with each other. */
const GLIBC_SET =
  /^(?:ld-linux.*\.so\.\d|ld64\.so\.\d|lib(?:c|m|BrokenLocale|mvec)\.so\.(?:6|1)|lib(?:pthread|thread_db)\.so\.(?:0|1)|lib(?:dl|resolv|nss_(?:files|dns|compat|hesiod))\.so\.2|lib(?:rt|util|anl)\.so\.1)$/;

/**
 * The members of glibc that lie elsewhere than the loaded libc.so.6. glibc is
 * one atomic set: a libdl of the host beside a private libc fails with
 * GLIBC_PRIVATE or GLIBC_ABI_DT_RELR errors.
 */
export function mixedGlibc(
  mapped: readonly Mapped[],
  realDirectory: (path: string) => string,
): DependencyReport['mixedGlibc'] {
  const libc = mapped.find((one) => one.object.elf.soname === 'libc.so.6');
  if (libc === undefined) {
    return [];
  }
  const expected = base(realDirectory(libc.path));
  const mixed: DependencyReport['mixedGlibc'] = [];
  for (const one of mapped) {
    const soname = one.object.elf.soname;
    if (soname !== null && GLIBC_SET.test(soname) && base(realDirectory(one.path)) !== expected) {
      mixed.push({ soname, path: one.path, expected });
    }
  }
  return mixed;
}

/** Processor-specific variants belong to the directory that holds them. */
function base(directory: string): string {
  return directory.replace(/\/(?:glibc-hwcaps|tls|haswell|i686|sse2|avx512_1)(?:\/.*)?$/, '');
}
