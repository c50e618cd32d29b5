import { DT, ET } from '../constants.ts';
import { lastValue } from '../dynamic.ts';
import type { ElfFile } from '../types.ts';
import type { LoadedObject } from './store.ts';

/** Whether anybody may execute it; without that not even root may (execve(2), EACCES). */
export function isExecutable({ mode }: Pick<LoadedObject, 'mode'>): boolean {
  const ANYBODY = 0o111;
  return (mode & ANYBODY) !== 0;
}

/** False only for a program that the kernel refuses; libraries are mapped whatever their mode. */
export function mayBeStarted(object: LoadedObject): boolean {
  return isExecutable(object) || !isProgram(object.elf);
}

/**
 * Libraries may name an interpreter as well (libc.so.6, pam_cap.so). Linkers of old left out
 * what tells a position-independent program; room for a debugger only programs ever had.
 */
function isProgram({ type, interpreter, pie, dynamic }: ElfFile): boolean {
  if (type === ET.EXEC || pie) return true;
  return interpreter !== null && lastValue(dynamic?.entries ?? [], DT.DEBUG) !== undefined;
}
