import { basename } from 'node:path';
import type { Component } from '../../../shared/component.ts';
import { OPENED_FEATURES } from '../data/opened-libraries.ts';
import { readLibraryNames } from '../elf/library-names.ts';
import type { ElfFile } from '../elf/types.ts';
import { shortHash } from '../short-hash.ts';
import type { ProbeContext } from './probe.ts';
import { problem } from './problems.ts';

/** A program, and the object inside its process that opens libraries by name. */
export interface Opener {
  readonly editorId: string | null;
  readonly extension: string | null;
  readonly program: string;
  readonly realPath: string;
  readonly elf: ElfFile;
}

type Context = Pick<ProbeContext, 'files' | 'loader'>;
type Wanted = Pick<Component, 'foundBy'> & {
  readonly sonames: readonly string[];
  readonly required: boolean;
};

/** Libraries that a file says it opens (`.note.dlopen`, https://systemd.io/ELF_DLOPEN_METADATA). */
export function notedLibraries(opener: Opener, context: Context): Component[] {
  return opener.elf.notes.dlopen.flatMap(({ sonames, priority }) =>
    sonames.length === 0
      ? []
      : [
          opened(
            opener,
            { foundBy: 'dlopen-note', sonames, required: priority === 'required' },
            context,
          ),
        ],
  );
}

/** Libraries that Electron opens by itself, where this one has their names. */
export function electronLibraries(opener: Opener, context: Context): Component[] {
  const names = readLibraryNames(context.files.hostPath(opener.realPath), opener.elf);
  if (!names.ok) return [];
  return OPENED_FEATURES.flatMap(({ sonames }) => {
    const known = sonames.filter((soname) => names.value.has(soname));
    return known.length === 0
      ? []
      : [opened(opener, { foundBy: 'string', sonames: known, required: false }, context)];
  });
}

/** The first of the alternatives that is there, else the first one as missing. */
function opened(
  opener: Opener,
  { foundBy, sonames, required }: Wanted,
  context: Context,
): Component {
  const { editorId, extension, program, realPath } = opener;
  const tries = sonames.map((soname) => ({ soname, report: context.loader.open(program, soname) }));
  const isThere = ({ soname, report }: (typeof tries)[number]): boolean =>
    report !== null && !report.missing.some((one) => one.soname === soname);
  const chosen = tries.find(isThere) ?? tries[0];
  const soname = chosen?.soname ?? '';
  const report = chosen?.report ?? null;
  const there = chosen !== undefined && isThere(chosen);
  const path = there && report !== null ? report.file : soname;
  const real = there ? context.files.realPath(path) : null;
  return {
    id: shortHash(`${editorId ?? ''} ${realPath} opens ${sonames.join(' ')}`),
    editorId,
    role: 'opened-library',
    name: basename(soname),
    path,
    realPath: real?.ok === true ? real.value : null,
    loadedBy: program,
    foundBy,
    variant: there || required ? 'loads' : 'optional-absent',
    extension,
    needs: null,
    report: there || required ? report : null,
    problem: there || required ? null : problem('not-found', soname),
  };
}
