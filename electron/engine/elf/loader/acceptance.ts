import * as os from 'node:os';
import { ET } from '../constants.ts';
import type { ElfError, ElfFile } from '../types.ts';
import type { LoaderConstants } from './interpreter.ts';

type Rules = Pick<LoaderConstants, 'kernelNotes' | 'refusesPie'>;

/**
 * What ends the search at a file that fits the architecture, or null where the
 * loader takes it as a library (`open_verify` and `_dl_map_object_from_fd` in
 * elf/dl-load.c).
 */
export function refusal(elf: ElfFile, rules: Rules): ElfError | null {
  const refused = (detail: string): ElfError => ({ code: 'malformed', offset: 16, detail });
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
  return elf.pie && rules.refusesPie
    ? refused('cannot dynamically load position-independent executable')
    : null;
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
