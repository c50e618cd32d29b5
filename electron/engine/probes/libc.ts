import type { ProbeData, ProbeProblem } from '../../../shared/snapshot.ts';
import { EM, machineName } from '../elf/constants.ts';
import { readElf } from '../elf/read.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Files } from './files.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { problem } from './problems.ts';
import { witnessProgram } from './witness.ts';

type Data = ProbeData<'libc'>;
type RuntimeLibrary = NonNullable<Data['libc']>;

/** Where the ABIs put the loader (System V ABI supplements; musl's INSTALL). */
const INTERPRETERS: Readonly<Record<number, { readonly glibc: string; readonly musl: string }>> = {
  [EM.X86_64]: { glibc: '/lib64/ld-linux-x86-64.so.2', musl: '/lib/ld-musl-x86_64.so.1' },
  [EM.AARCH64]: { glibc: '/lib/ld-linux-aarch64.so.1', musl: '/lib/ld-musl-aarch64.so.1' },
};

/** Families of versions whose names end in a number that can be compared. */
const FAMILY = /^(GLIBC|GLIBCXX|CXXABI)_(\d+(?:\.\d+)*)$/;

/**
 * The C library that programs of this machine get, by its loader, and what
 * libc.so.6 and libstdc++.so.6 really define: the version records of the files,
 * found as the loader finds them, not a version number of some package.
 */
export const libcProbe: Probe<'libc'> = {
  id: 'libc',
  after: [],
  timeoutMs: 3_000,
  run: (context) => Promise.resolve(examine(context)),
};

function examine(context: ProbeContext): Awaited<ReturnType<Probe<'libc'>['run']>> {
  const { files } = context;
  const problems: ProbeProblem[] = [];
  const witness = witnessProgram(files) ?? loaderItself(files);
  const interpreters = witness === null ? undefined : INTERPRETERS[witness.machine];
  if (witness === null || interpreters === undefined) {
    const data: Data = { kind: 'none', interpreter: null, libc: null, libstdcxx: null };
    if (witness !== null) problems.push(problem('unsupported', null, machineName(witness.machine)));
    return { status: problems.length === 0 ? 'ok' : 'partial', problems, data };
  }
  const kind = kindOf(witness.interpreter, interpreters, files);
  const interpreter = kind === 'none' ? null : files.realPath(interpreters[kind]);
  const library = (soname: string): RuntimeLibrary | null =>
    kind === 'glibc' ? runtimeLibrary(soname, witness, context, problems) : null;
  const data: Data = {
    kind,
    interpreter: interpreter?.ok === true ? interpreter.value : null,
    libc: library('libc.so.6'),
    libstdcxx: library('libstdc++.so.6'),
  };
  return { status: problems.length === 0 ? 'ok' : 'partial', problems, data };
}

/**
 * What the root's own programs ask for decides: gcompat puts a glibc loader's
 * name on musl systems, and Debian's musl package puts musl's beside glibc.
 */
function kindOf(
  asked: string | null,
  interpreters: { readonly glibc: string; readonly musl: string },
  files: Files,
): Data['kind'] {
  const isMusl = asked?.includes('/ld-musl-') ?? false;
  const order = isMusl ? (['musl', 'glibc'] as const) : (['glibc', 'musl'] as const);
  return order.find((kind) => files.exists(interpreters[kind])) ?? 'none';
}

/** For a root that holds libraries and not one of the usual programs. */
function loaderItself(files: Files): ElfFile | null {
  for (const { glibc, musl } of Object.values(INTERPRETERS)) {
    for (const path of [glibc, musl]) {
      const real = files.realPath(path);
      const elf = real.ok ? readElf(files.hostPath(real.value)) : null;
      if (elf?.ok === true) return elf.value;
    }
  }
  return null;
}

function runtimeLibrary(
  soname: string,
  witness: ElfFile,
  { files, loader }: ProbeContext,
  problems: ProbeProblem[],
): RuntimeLibrary | null {
  const path = loader.locate(soname, witness);
  // A system without libstdc++ is in order: nothing that needs it is there.
  if (path === null) return null;
  const elf = readElf(files.hostPath(path));
  if (!elf.ok) {
    const code = elf.error.code === 'unreadable' ? 'not-permitted' : 'malformed';
    problems.push(problem(code, path, elf.error.detail));
    return null;
  }
  const versions = elf.value.versionDefines.filter((one) => !one.base).map((one) => one.name);
  return { soname, path, versions, highest: highestVersions(versions) };
}

/**
 * The highest numeric version of each family. Names without a number
 * (`GLIBC_PRIVATE`, `GLIBC_ABI_DT_RELR`) have no place in an order and are left out.
 */
export function highestVersions(versions: readonly string[]): Record<string, string> {
  const highest: Record<string, string> = {};
  for (const version of versions) {
    const [, family, number] = FAMILY.exec(version) ?? [];
    if (family === undefined || number === undefined) continue;
    const known = highest[family];
    if (known === undefined || compareNumeric(number, known) > 0) highest[family] = number;
  }
  return highest;
}

/** `2.9` before `2.36` before `2.36.1`: part by part as numbers. */
function compareNumeric(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
