import { readElf } from '../elf/read.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Files } from './files.ts';

/** Programs that nearly every root has, and that are built for its own libc. */
const WITNESSES = ['/bin/sh', '/usr/bin/env', '/bin/ls', '/sbin/init', '/bin/busybox', '/bin/bash'];

/**
 * A program of the root that tells its architecture and its libc: the first
 * dynamically linked one, else any (a container may hold static programs only).
 */
export function witnessProgram(files: Files): ElfFile | null {
  let any: ElfFile | null = null;
  for (const path of WITNESSES) {
    const real = files.realPath(path);
    if (!real.ok) continue;
    const elf = readElf(files.hostPath(real.value));
    if (!elf.ok) continue;
    if (elf.value.linkage === 'dynamic') return elf.value;
    any ??= elf.value;
  }
  return any;
}
