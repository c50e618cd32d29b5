import { closeSync } from 'node:fs';
import type { Machine } from '../machine.ts';
import { openFiles } from '../probes/files.ts';
import { openLoader } from '../probes/loader.ts';
import { witnessProgram } from '../probes/witness.ts';
import type { LibcReader } from './mapped-libc.ts';
import { openFile } from './mapped-file.ts';

export interface SystemLibc {
  readonly path: string | null;
  readonly version: string | null;
  readonly buildId: string | null;
}

const NONE: SystemLibc = { path: null, version: null, buildId: null };

/** The C library on disk that a program of this system would get now. */
export function systemLibc(machine: Machine, reader: LibcReader): SystemLibc {
  const files = openFiles(machine.root);
  const witness = witnessProgram(files);
  if (witness === null) return NONE;
  const path =
    witness.libc === 'musl'
      ? realPathOf(witness.interpreter, files)
      : openLoader(machine, files).locate('libc.so.6', witness);
  const opened = path === null ? null : openFile(files.hostPath(path));
  if (opened?.state !== 'read') return NONE;
  try {
    const facts = reader.read(opened.value);
    return { path, version: facts?.version ?? null, buildId: facts?.buildId ?? null };
  } finally {
    closeSync(opened.value);
  }
}

function realPathOf(path: string | null, files: ReturnType<typeof openFiles>): string | null {
  const real = path === null ? null : files.realPath(path);
  return real?.ok === true ? real.value : null;
}
