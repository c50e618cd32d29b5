import { basename, dirname, extname, join } from 'node:path';
import type { ProbeProblem } from '../../../shared/snapshot.ts';
import { readElf } from '../elf/read.ts';
import type { ElfFile } from '../elf/types.ts';
import type { Files } from './files.ts';
import { pause } from './pause.ts';
import { problem } from './problems.ts';

/** A file that some system's loader would map: an ELF file, or a module for another system. */
export interface NativeFile {
  readonly path: string;
  readonly realPath: string;
  /** Null for a module of Windows or macOS, and for one that cannot be read. */
  readonly elf: ElfFile | null;
  /** Why a module could not be read. */
  readonly problem: ProbeProblem | null;
}

export interface NativeFiles {
  readonly files: readonly NativeFile[];
  /** Directories that could not be read, and where the search was given up. */
  readonly problems: readonly ProbeProblem[];
}

/** The largest editors with many extensions stay below 150,000 names. */
const MOST_ENTRIES = 200_000;
const MOST_DEPTH = 24;
const ENTRIES_PER_PAUSE = 2_000;

/** What a build leaves behind beside its result, and what no editor loads from. */
const SKIPPED: ReadonlySet<string> = new Set(['.git', 'obj.target', '.deps', '.cache', 'locales']);

/** Endings of text, pictures, fonts and archives: most files of a tree, and never programs. */
const NEVER_NATIVE: ReadonlySet<string> = new Set(
  (
    '.js .mjs .cjs .ts .mts .cts .jsx .tsx .map .json .jsonc .md .txt .html .htm .css .scss .less ' +
    '.svg .png .jpg .jpeg .gif .ico .webp .icns .ttf .otf .woff .woff2 .xml .yml .yaml .toml .ini ' +
    '.py .pyi .pyc .rb .lua .java .jar .go .rs .c .cc .cpp .h .hpp .cs .sh .bash .zsh .fish .ps1 ' +
    '.bat .cmd .wasm .zip .gz .tgz .xz .bz2 .asar .pak .dat .exe .dll .pdb .dylib .lib .a .o .gyp ' +
    '.gypi .mk .d .lock .log .csv .tmlanguage .plist .snippets .nls .vsix .vsixmanifest .mp3 .wav ' +
    '.po .mo .properties .license .tcl .pl .pm .el .vim .proto .graphql .sql .patch .diff .rst'
  ).split(' '),
);

const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** PE, and Mach-O in both byte orders and as a universal file. */
const OTHER_MAGICS = ['4d5a', 'cffaedfe', 'feedfacf', 'cefaedfe', 'feedface', 'cafebabe'].map(
  (hex) => Buffer.from(hex, 'hex'),
);

/**
 * Native files below a directory, known by their first bytes and not by their
 * name. Links to files are followed; links to directories only where packages are
 * linked in from outside the tree, each place once.
 */
export async function nativeFilesBelow(
  top: string,
  files: Files,
  signal: AbortSignal,
  deep = true,
): Promise<NativeFiles> {
  const found: NativeFile[] = [];
  const problems: ProbeProblem[] = [];
  const real = files.realPath(top);
  const visited = new Places();
  if (real.ok) visited.add(real.value);
  const pending = [{ directory: top, depth: 0 }];
  let entries = 0;
  let sinceTurn = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, depth } = next;
    const listed = files.list(directory);
    if (!listed.ok) {
      if (listed.problem.code !== 'not-found') problems.push(listed.problem);
      continue;
    }
    entries += listed.value.length;
    sinceTurn += listed.value.length + 20;
    if (sinceTurn > ENTRIES_PER_PAUSE) {
      sinceTurn = 0;
      await pause(signal);
    }
    if (entries > MOST_ENTRIES || depth > MOST_DEPTH) {
      problems.push(problem('too-large', directory, `${entries}`));
      continue;
    }
    for (const { name, kind } of listed.value) {
      const path = join(directory, name);
      if (kind === 'directory' && deep && !SKIPPED.has(name)) {
        pending.push({ directory: path, depth: depth + 1 });
      } else if (kind === 'link' && deep && leadsToPackages(path, visited, files)) {
        pending.push({ directory: path, depth: depth + 1 });
      } else if (kind === 'file' || kind === 'link') {
        const file = nativeFile(path, files);
        if (file !== null) found.push(file);
      }
    }
  }
  return { files: found, problems };
}

/**
 * A link that is a package, or a directory of packages, that lies elsewhere; what
 * lies inside the tree is reached without it, and what holds the tree is no part of it.
 */
function leadsToPackages(path: string, visited: Places, files: Files): boolean {
  const isDirectory = basename(path) === 'node_modules';
  if (!isDirectory && !/\/node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path)) return false;
  const real = files.realPath(path);
  if (!real.ok) return false;
  const target = real.value;
  const fits = isDirectory
    ? basename(target) === 'node_modules'
    : files.exists(join(target, 'package.json'));
  if (!fits || visited.overlap(target)) return false;
  visited.add(target);
  return true;
}

/** Directories without links, asked by their names alone: a tree may link in thousands. */
class Places {
  private readonly own = new Set<string>();
  /** Everything that holds one of them. */
  private readonly above = new Set<string>();

  add(path: string): void {
    this.own.add(path);
    for (const one of upwards(path)) this.above.add(one);
  }

  /** Whether one of them is the directory, lies below it, or holds it. */
  overlap(path: string): boolean {
    return this.above.has(path) || upwards(path).some((one) => this.own.has(one));
  }
}

/** The path and all directories above it. */
function upwards(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...upwards(parent)];
}

/** The file when it is native, or a module whatever it holds; null for all others. */
export function nativeFile(path: string, files: Files): NativeFile | null {
  const name = basename(path);
  const isModule = name.endsWith('.node');
  if (!isModule && NEVER_NATIVE.has(extname(name).toLowerCase())) return null;
  if (!isModule && !files.startsWith(path, ELF_MAGIC)) return null;
  const real = files.realPath(path);
  if (!real.ok) {
    return isModule ? { path, realPath: path, elf: null, problem: real.problem } : null;
  }
  const realPath = real.value;
  const elf = readElf(files.hostPath(realPath));
  if (elf.ok) return { path, realPath, elf: elf.value, problem: null };
  if (OTHER_MAGICS.some((magic) => files.startsWith(path, magic))) {
    return { path, realPath, elf: null, problem: null };
  }
  // A directory may be called so too.
  if (elf.error.code === 'not-a-file') return null;
  const code = elf.error.code === 'unreadable' ? 'not-permitted' : 'malformed';
  return { path, realPath, elf: null, problem: problem(code, path, elf.error.detail) };
}
