import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readElf } from '../../../electron/engine/elf/read.ts';
import { message } from '../../../shared/message.ts';
import type { ChangeOf, ElfPatch } from '../../../shared/plan.ts';
import type { Workbench } from './workbench.ts';

/** A C program that prints its arguments, its own libc's path and lives in a temporary home. */
export function compile(bench: Workbench, path: string, body = 'puts("hello 1.0");'): void {
  const source = join(bench.directory, 'program.c');
  writeFileSync(source, `#include <stdio.h>\n#include <unistd.h>\nint main(){${body}return 0;}\n`);
  execFileSync('gcc', ['-O1', '-o', path, source]);
}

/** The host's own loader and libc in a directory of their own: a sandbox without a download. */
export function privateLibrary(bench: Workbench): string {
  const directory = bench.at('sandbox/lib');
  mkdirSync(directory, { recursive: true });
  const libraries = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  for (const name of ['libc.so.6', 'ld-linux-x86-64.so.2']) {
    const line = libraries.split('\n').find((text) => text.trim().startsWith(`${name} `));
    const path = line?.split(' => ')[1] ?? `/lib64/${name}`;
    cpSync(realpathSync(path), join(directory, name));
  }
  return directory;
}

/** The patch that points a program to a private library directory. */
export function patchFor(program: string, library: string, path = '.'): ElfPatch {
  const elf = readElf(program);
  if (!elf.ok) throw new Error(elf.error.detail);
  return {
    path,
    interpreter: {
      before: elf.value.interpreter ?? '',
      after: join(library, 'ld-linux-x86-64.so.2'),
    },
    rpath: { before: [...elf.value.rpath, ...elf.value.runpath], after: [library] },
  };
}

export function patchElf(path: string, patch: ElfPatch): ChangeOf<'patch-elf'> {
  return {
    kind: 'patch-elf',
    id: `patch-elf:${path}`,
    title: message('repair.sandbox.change.patch', { program: 'program' }),
    privilege: 'user',
    reversibility: 'full',
    reversibilityReason: null,
    bytes: 0,
    path,
    patch,
    trial: { path: '.', args: [], environment: {}, timeoutMs: 10_000 },
  };
}
