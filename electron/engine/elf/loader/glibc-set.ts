import type { DependencyReport } from '../../../../shared/elf.ts';
import type { Mapped } from './process.ts';

/** The files that make up one glibc and only work with each other. */
const GLIBC_SET =
  /^(?:ld-linux.*\.so\.\d|ld64\.so\.\d|lib(?:c|m|BrokenLocale|mvec)\.so\.(?:6|1)|lib(?:pthread|thread_db)\.so\.(?:0|1)|lib(?:dl|resolv|nss_(?:files|dns|compat|hesiod))\.so\.2|lib(?:rt|util|anl)\.so\.1)$/;

/** What there is beside the objects of a process, asked only where a member lies elsewhere. */
export interface Surroundings {
  readonly realDirectory: (path: string) => string;
  /** Build id of the file at a path; null where there is none. */
  readonly buildId: (path: string) => string | null;
  /** What a libc.so.6 or a loader says that it is of; null where it does not say. */
  readonly release: (path: string) => string | null;
}

/**
 * The members of glibc that lie elsewhere than the loaded libc.so.6. glibc is
 * one atomic set: a libdl of the host beside a private libc fails with
 * GLIBC_PRIVATE or GLIBC_ABI_DT_RELR errors. Where a root was copied without its
 * links, members of the system's one glibc lie apart, and are none of these.
 */
export function mixedGlibc(
  mapped: readonly Mapped[],
  around: Surroundings,
): DependencyReport['mixedGlibc'] {
  const libc = mapped.find((one) => one.object.elf.soname === 'libc.so.6');
  if (libc === undefined) {
    return [];
  }
  const expected = base(around.realDirectory(libc.path));
  const mixed: DependencyReport['mixedGlibc'] = [];
  for (const one of mapped) {
    const soname = one.object.elf.soname;
    if (
      soname !== null &&
      GLIBC_SET.test(soname) &&
      base(around.realDirectory(one.path)) !== expected &&
      !(isSystems(libc) && isSystems(one) && isOfOneBuild(one, libc, around))
    ) {
      mixed.push({ soname, path: one.path, expected });
    }
  }
  return mixed;
}

/** Found where every program of the system finds it, so that the system's updates replace it. */
function isSystems({ foundBy, path }: Mapped): boolean {
  return (
    foundBy === 'cache' || foundBy === 'default-directory' || /^\/lib(?:32|64)?\/ld/.test(path)
  );
}

/** A member and the libc that is loaded: by a copy of either beside the other, or by their own words. */
function isOfOneBuild(member: Mapped, libc: Mapped, around: Surroundings): boolean {
  const beside = (one: Mapped, other: Mapped): boolean => {
    const id = one.object.elf.notes.buildId;
    const place = `${around.realDirectory(other.path)}/${one.object.elf.soname ?? ''}`;
    return id !== null && around.buildId(place) === id;
  };
  if (beside(member, libc) || beside(libc, member)) return true;
  const release = around.release(libc.path);
  return release !== null && around.release(member.path) === release;
}

/** Processor-specific variants belong to the directory that holds them. */
function base(directory: string): string {
  return directory.replace(/\/(?:glibc-hwcaps|tls|haswell|i686|sse2|avx512_1)(?:\/.*)?$/, '');
}
