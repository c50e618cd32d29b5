import * as fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { DependencyReport, ElfReport, ElfReportFile } from '../../../shared/elf.ts';
import { ET, machineName } from './constants.ts';
import { readGoBuildInfo } from './go-build-info.ts';
import { readElf } from './read.ts';
import type { ElfError, ElfFile } from './types.ts';

/** Files read between two turns of the event loop, so that a cancel gets through. */
const FILES_A_TURN = 200;

/**
 * What ELF files say of themselves, one entry a file in path order. A directory
 * stands for the ELF files below it: links are not followed and other files left
 * out. A file that is named itself always has an entry, with `error` where it
 * cannot be read as ELF; so has a directory that cannot be listed.
 */
export async function elfReport(paths: readonly string[]): Promise<ElfReport> {
  const files = new Map<string, ElfReportFile>();
  let turn = 0;
  for (const path of paths) {
    const named = !isDirectory(path);
    for (const found of named ? [path] : filesBelow(path)) {
      const entry = typeof found === 'string' ? describe(found) : found;
      if (named || entry.error?.code !== 'not-elf') {
        files.set(entry.path, entry);
      }
      turn += 1;
      if (turn % FILES_A_TURN === 0) {
        await setImmediate();
      }
    }
  }
  return {
    schema: 'devmend.elf/1',
    files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

function isDirectory(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Regular files below a directory, and an entry for each directory that cannot be listed. */
function* filesBelow(directory: string): Generator<string | ElfReportFile> {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? String(error);
    yield { ...EMPTY, path: directory, error: { code: 'unreadable', offset: null, detail } };
    return;
  }
  for (const entry of entries) {
    const path = `${directory.replace(/\/$/, '')}/${entry.name}`;
    if (entry.isDirectory()) {
      yield* filesBelow(path);
    } else if (entry.isFile()) {
      yield path;
    }
  }
}

function describe(path: string): ElfReportFile {
  const elf = readElf(path);
  if (!elf.ok) {
    return { ...EMPTY, path, error: elf.error };
  }
  const file = elf.value;
  const go = isGo(file) ? readGoBuildInfo(path, file) : null;
  return {
    path,
    class: file.class,
    machine: machineName(file.machine),
    type: typeName(file.type),
    interpreter: file.interpreter,
    soname: file.soname,
    needed: [...file.needed],
    rpath: [...file.rpath],
    runpath: [...file.runpath],
    versionNeeds: file.versionNeeds.map(({ library, versions }) => ({
      library,
      versions: versions.map(({ name, weak }) => ({ name, weak })),
    })),
    versionDefines: file.versionDefines.filter((one) => !one.base).map((one) => one.name),
    linkage: file.linkage,
    libc: file.libc,
    go: go?.ok === true && go.value !== null ? goFields(go.value) : null,
    error: null,
  };
}

/** Go programs carry a build-id note unless it was left out on purpose, which static ones show too. */
function isGo(elf: ElfFile): boolean {
  return elf.notes.go || elf.linkage === 'static' || elf.linkage === 'static-pie';
}

function goFields(info: { version: string; path: string; module: string }): ElfReportFile['go'] {
  return { version: info.version, path: info.path, module: info.module };
}

const EMPTY: Omit<ElfReportFile, 'path'> & { error: ElfError | null } = {
  class: null,
  machine: null,
  type: null,
  interpreter: null,
  soname: null,
  needed: [],
  rpath: [],
  runpath: [],
  versionNeeds: [],
  versionDefines: [],
  linkage: null,
  libc: null,
  go: null,
  error: null,
};

function typeName(type: number): NonNullable<ElfReportFile['type']> {
  switch (type) {
    case ET.REL:
      return 'REL';
    case ET.EXEC:
      return 'EXEC';
    case ET.DYN:
      return 'DYN';
    case ET.CORE:
      return 'CORE';
    default:
      return 'OTHER';
  }
}

/**
 * A dependency report as a Graphviz graph: an arrow from each object to what it
 * asks for, labelled with how the loader finds it (only the first to ask makes it
 * search). Missing libraries, lacking versions and a mixed glibc are in red, in words too.
 */
export function dependencyDot(report: DependencyReport): string {
  const lines = ['digraph dependencies {', '  rankdir=LR;', '  node [shape=box];'];
  lines.push(`  ${quote(report.file)} [style=bold];`);
  const mixed = new Map(
    report.mixedGlibc.map(({ path, expected }) => [path, `mixed glibc, expected ${expected}`]),
  );
  for (const object of report.objects) {
    const stranger = mixed.get(object.path);
    const words = [object.soname, object.path, ...(stranger === undefined ? [] : [stranger])];
    const style = stranger === undefined ? '' : ', color=red';
    lines.push(`  ${quote(object.path)} [label=${quote(words.join('\n'))}${style}];`);
    const preloaded = object.foundBy === 'preload' ? [report.file] : [];
    [...preloaded, ...object.requiredBy].forEach((requiredBy, index) => {
      const how = index === 0 ? object.foundBy : 'already-loaded';
      lines.push(`  ${quote(requiredBy)} -> ${quote(object.path)} [label=${quote(how)}];`);
    });
  }
  for (const missing of report.missing) {
    const node = quote(`missing ${missing.soname}`);
    lines.push(`  ${node} [label=${quote(`${missing.soname}\nmissing`)}, color=red];`);
    for (const requiredBy of missing.requiredBy) {
      lines.push(`  ${quote(requiredBy)} -> ${node} [label="missing", color=red];`);
    }
  }
  for (const error of report.versionErrors) {
    const style = error.weak ? 'color=orange, style=dashed' : 'color=red';
    lines.push(
      `  ${quote(error.requiredBy)} -> ${quote(error.path)} [label=${quote(`lacks ${error.version}`)}, ${style}];`,
    );
  }
  report.symbolErrors.forEach(({ symbol, version, requiredBy }, index) => {
    const words = version === null ? symbol : `${symbol}@${version}`;
    const node = quote(`symbol ${index}`);
    lines.push(`  ${node} [label=${quote(`${words}\nnowhere`)}, color=red, style=dashed];`);
    lines.push(`  ${quote(requiredBy)} -> ${node} [color=red];`);
  });
  return `${[...lines, '}'].join('\n')}\n`;
}

/**
 * A DOT string: quotes and backslashes escaped, line breaks as `\n`. Other control
 * characters would act on the terminal, and Graphviz hands them on: their pictures stand for them.
 */
function quote(text: string): string {
  const words = text
    .replace(/[\\"]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\p{Cc}/gu, pictureOf);
  return `"${words}"`;
}

/** U+2400 and on are pictures of the characters below U+0020; U+2421 is that of DEL. */
function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
