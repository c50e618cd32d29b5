import * as os from 'node:os';
import { ELFOSABI, EM, ET, PT } from '../constants.ts';
import type { ElfError, ElfFile, Segment } from '../types.ts';
import type { LoaderConstants } from './interpreter.ts';

type Rules = Pick<LoaderConstants, 'kernelNotes' | 'refusesPie' | 'alignedSegments'>;

/**
 * What ends the search at a file that fits the architecture, or null where the
 * loader takes it as a library (`open_verify` and `_dl_map_object_from_fd` in
 * elf/dl-load.c).
 */
export function refusal(elf: ElfFile, rules: Rules): ElfError | null {
  const refused = (detail: string): ElfError => ({ code: 'malformed', offset: 16, detail });
  const header = refusedHeader(elf);
  if (header !== null) {
    return { code: 'malformed', offset: 7, detail: header };
  }
  if (elf.type !== ET.DYN && elf.type !== ET.EXEC) {
    return refused(`type ${elf.type}`);
  }
  if (elf.type === ET.EXEC) {
    return refused('cannot dynamically load executable');
  }
  // objcopy --only-keep-debug leaves the program header, but no bytes behind it.
  if (elf.dynamic === null || elf.dynamic.size === 0) {
    return refused('object file has no dynamic section');
  }
  if (!elf.segments.some((one) => one.type === PT.LOAD)) {
    return refused('object file has no loadable segments');
  }
  if (elf.segments.some((one) => isMisaligned(one, rules))) {
    return refused('load command address or offset not page-aligned');
  }
  return elf.pie && rules.refusesPie
    ? refused('cannot dynamically load position-independent executable')
    : null;
}

/** The system that a file says it is for (`open_verify`). ARM has values of its own. */
function refusedHeader({ osAbi, abiVersion, machine }: ElfFile): string | null {
  if (machine === EM.ARM) return null;
  if (osAbi !== ELFOSABI.SYSV && osAbi !== ELFOSABI.GNU) return 'ELF file OS ABI invalid';
  return osAbi === ELFOSABI.SYSV && abiVersion !== 0 ? 'ELF file ABI version invalid' : null;
}

/**
 * Whether pages of the file cannot be mapped where the segment wants them. 4096 is the
 * smallest page of every architecture: what does not fit it fits no larger one.
 */
function isMisaligned({ type, vaddr, offset, align }: Segment, rules: Rules): boolean {
  const PAGE = 4096;
  if (type !== PT.LOAD) return false;
  return (vaddr - offset) % PAGE !== 0 || (rules.alignedSegments && align % PAGE !== 0);
}

/**
 * Whether the loader passes a library over because its ABI note asks for a newer
 * kernel than the one that runs here. Loaders from glibc 2.36 on do not look.
 */
export function wantsNewerKernel(
  elf: ElfFile,
  rules: Rules,
  kernel: string = os.release(),
): boolean {
  const floor = elf.notes.kernelFloor;
  return rules.kernelNotes && floor !== null && compareReleases(floor, kernel) > 0;
}

/** Compares the first three numbers, as the loader does (sysdeps/unix/sysv/linux/dl-sysdep.c). */
function compareReleases(left: string, right: string): number {
  const [ours, theirs] = [left, right].map((text) =>
    (/^\d+(?:\.\d+){0,2}/.exec(text)?.[0] ?? '').split('.').map(Number),
  ) as [number[], number[]];
  for (let place = 0; place < 3; place += 1) {
    const difference = (ours[place] ?? 0) - (theirs[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
