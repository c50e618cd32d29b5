import * as fs from 'node:fs';
import * as os from 'node:os';
import { EM } from '../constants.ts';
import type { ElfFile } from '../types.ts';

/** What the loader of one architecture does differently. */
export interface Architecture {
  readonly name: 'x86-64' | 'aarch64' | 'i386' | 'armhf' | 'ppc64el' | 's390x';
  readonly machine: number;
  readonly elfClass: ElfFile['class'];
  readonly littleEndian: boolean;
  readonly defaultInterpreter: string;
  readonly muslInterpreter: string;
  /** Cache entry flags (sysdeps/unix/sysv/linux/ARCH/dl-cache.h). */
  readonly cacheFlags: number;
  /** Debian's multiarch directory below /lib and /usr/lib. */
  readonly multiarch: string;
  /** Directory name on distributions without multiarch. */
  readonly plainLib: string;
  readonly processArch: string;
}

const X86_64: Architecture = {
  name: 'x86-64',
  machine: EM.X86_64,
  elfClass: 'ELF64',
  littleEndian: true,
  defaultInterpreter: '/lib64/ld-linux-x86-64.so.2',
  muslInterpreter: '/lib/ld-musl-x86_64.so.1',
  cacheFlags: 0x303,
  multiarch: 'x86_64-linux-gnu',
  plainLib: 'lib64',
  processArch: 'x64',
};
const AARCH64: Architecture = {
  name: 'aarch64',
  machine: EM.AARCH64,
  elfClass: 'ELF64',
  littleEndian: true,
  defaultInterpreter: '/lib/ld-linux-aarch64.so.1',
  muslInterpreter: '/lib/ld-musl-aarch64.so.1',
  cacheFlags: 0xa03,
  multiarch: 'aarch64-linux-gnu',
  plainLib: 'lib64',
  processArch: 'arm64',
};
const I386: Architecture = {
  name: 'i386',
  machine: EM.I386,
  elfClass: 'ELF32',
  littleEndian: true,
  defaultInterpreter: '/lib/ld-linux.so.2',
  muslInterpreter: '/lib/ld-musl-i386.so.1',
  cacheFlags: 0x3,
  multiarch: 'i386-linux-gnu',
  plainLib: 'lib',
  processArch: 'ia32',
};

const ARMHF: Architecture = {
  name: 'armhf',
  machine: EM.ARM,
  elfClass: 'ELF32',
  littleEndian: true,
  defaultInterpreter: '/lib/ld-linux-armhf.so.3',
  muslInterpreter: '/lib/ld-musl-armhf.so.1',
  cacheFlags: 0x903,
  multiarch: 'arm-linux-gnueabihf',
  plainLib: 'lib',
  processArch: 'arm',
};
const PPC64EL: Architecture = {
  name: 'ppc64el',
  machine: EM.PPC64,
  elfClass: 'ELF64',
  littleEndian: true,
  defaultInterpreter: '/lib64/ld64.so.2',
  muslInterpreter: '/lib/ld-musl-powerpc64le.so.1',
  cacheFlags: 0x503,
  multiarch: 'powerpc64le-linux-gnu',
  plainLib: 'lib64',
  processArch: 'ppc64',
};
const S390X: Architecture = {
  name: 's390x',
  machine: EM.S390,
  elfClass: 'ELF64',
  littleEndian: false,
  defaultInterpreter: '/lib/ld64.so.1',
  muslInterpreter: '/lib/ld-musl-s390x.so.1',
  cacheFlags: 0x403,
  multiarch: 's390x-linux-gnu',
  plainLib: 'lib64',
  processArch: 's390x',
};
const ARCHITECTURES = [X86_64, AARCH64, I386, ARMHF, PPC64EL, S390X];

/** The architecture whose loader Devmend can simulate for this file, or null. */
export function architectureOf(
  elf: Pick<ElfFile, 'class' | 'littleEndian' | 'machine'>,
): Architecture | null {
  const known = ARCHITECTURES.find((one) => one.machine === elf.machine);
  return known?.elfClass === elf.class && known.littleEndian === elf.littleEndian ? known : null;
}

/** True when this machine's kernel can run programs of the architecture. */
export function isNative(architecture: Architecture): boolean {
  const host = os.arch();
  return architecture.processArch === host || (host === 'x64' && architecture.name === 'i386');
}

/** The processor features that choose directories and tokens. */
export interface Processor {
  /** glibc-hwcaps sub-directories, best first. */
  readonly hwcaps: readonly string[];
  /** Legacy sub-directory names below `tls`, in the order of their bits (glibc up to 2.36). */
  readonly legacy: readonly string[];
  readonly platform: string;
  /** Levels of the x86-64 architecture it has, one bit each; null where that is not known. */
  readonly isa: number | null;
}

/** x86-64 psABI micro-architecture levels, by the names in /proc/cpuinfo. */
const LEVELS: readonly (readonly [string, readonly string[]])[] = [
  ['x86-64-v2', ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3']],
  ['x86-64-v3', ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe']],
  ['x86-64-v4', ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl']],
];

/** What the oldest processor of each other architecture is to its loader. */
const BASELINES: Readonly<Record<Exclude<Architecture['name'], 'x86-64'>, Processor>> = {
  aarch64: { hwcaps: [], legacy: ['tls', 'aarch64'], platform: 'aarch64', isa: null },
  i386: { hwcaps: [], legacy: ['tls', 'i686', 'sse2'], platform: 'i686', isa: null },
  armhf: { hwcaps: [], legacy: ['tls', 'v7l'], platform: 'v7l', isa: null },
  ppc64el: { hwcaps: [], legacy: ['tls', 'power8'], platform: 'power8', isa: null },
  s390x: { hwcaps: [], legacy: ['tls', 'z900'], platform: 'z900', isa: null },
};

/** What the processor described by the text of /proc/cpuinfo means to the loader. */
export function describeProcessor(architecture: Architecture, cpuinfo: string): Processor {
  if (architecture.name !== 'x86-64') {
    return BASELINES[architecture.name];
  }
  const named = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1];
  const flags = new Set(named?.trim().split(' '));
  const hwcaps: string[] = [];
  for (const [level, needs] of LEVELS) {
    if (!needs.every((flag) => flags.has(flag))) {
      break;
    }
    hwcaps.unshift(level);
  }
  const intel = /^vendor_id\s*:\s*GenuineIntel$/m.test(cpuinfo);
  const isa = named === undefined ? null : 2 ** (hwcaps.length + 1) - 1;
  return { hwcaps, isa, ...legacyNames(intel, flags, hwcaps) };
}

/** glibc names platforms of Intel's processors only; all others keep the kernel's AT_PLATFORM. */
const HASWELL = ['avx2', 'bmi1', 'bmi2', 'abm', 'movbe', 'popcnt', 'fma'];

/** As `init_cpu_features` of glibc’s sysdeps/x86/cpu-features.c decides. */
function legacyNames(
  intel: boolean,
  flags: ReadonlySet<string>,
  hwcaps: readonly string[],
): Pick<Processor, 'platform' | 'legacy'> {
  const platform = intel && HASWELL.every((flag) => flags.has(flag)) ? 'haswell' : 'x86_64';
  const avx512 = intel && hwcaps.includes('x86-64-v4') ? ['avx512_1'] : [];
  // The last is a capability, and a name of its own beside a platform of the same name.
  return { platform, legacy: ['tls', platform, ...avx512, 'x86_64'] };
}

/** The processor of this machine; a foreign architecture gets its baseline. */
export function hostProcessor(architecture: Architecture): Processor {
  let cpuinfo = '';
  if (isNative(architecture)) {
    try {
      cpuinfo = fs.readFileSync('/proc/cpuinfo', 'utf8').slice(0, 16384);
    } catch {
      // Without /proc only the baseline is certain.
    }
  }
  return describeProcessor(architecture, cpuinfo);
}
