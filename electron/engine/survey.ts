import { lstatSync, opendirSync, type Dirent, type Stats } from 'node:fs';
import { posix } from 'node:path';
import { DevmendError, fail, ok, type ErrorData, type Result } from '../../shared/error.ts';
import { LoaderSession } from './elf/loader.ts';
import { readElf } from './elf/read.ts';
import type { ElfFile } from './elf/types.ts';
import type { SurveyedExecutable, TreeSurvey } from './repairs/repair.ts';

/** A tree beyond this is not somebody's program but a part of the system. */
const FILE_LIMIT = 100_000;
const BYTE_LIMIT = 4_000_000_000;

/** Folders that hold many unrelated things: a program in one of them is copied by itself. */
const sharedPrefixes: ReadonlySet<string> = new Set([
  '/',
  '/usr',
  '/usr/local',
  '/opt',
  '/home',
  '/root',
  '/tmp',
  '/var/tmp',
]);
const sharedHomeFolders = ['', '.local', 'go', '.cargo', 'bin', 'Downloads', 'Applications', 'opt'];

/**
 * Finds what has to be copied so that a program still finds its own files:
 * its installation (an Electron tree, or the prefix above `bin`), or the file by
 * itself. Reads only. `program` is absolute with links already followed.
 */
export async function surveyTree(
  program: string,
  home: string,
  signal: AbortSignal,
): Promise<Result<TreeSurvey, ErrorData>> {
  const elf = readElf(program);
  if (!elf.ok) return fail('file-unreadable', { path: program, detail: elf.error.detail });
  const from = treeOf(program, elf.value, home);
  const session = new LoaderSession('/');
  try {
    const survey = await walk(from, program, session, signal);
    return ok({ ...survey, electron: isElectronTree(posix.dirname(program)) });
  } catch (error) {
    if (error instanceof DevmendError) return { ok: false, error: error.data };
    return fail('file-unreadable', { path: from, detail: String((error as Error).message) });
  }
}

/** The directory that is the program's installation, or the program itself. */
export function treeOf(program: string, elf: ElfFile, home: string): string {
  const directory = posix.dirname(program);
  if (isElectronTree(directory)) return directory;
  const prefix = posix.dirname(directory);
  const inBin = ['bin', 'sbin', 'libexec'].includes(posix.basename(directory));
  if (inBin && !isShared(prefix, home)) return prefix;
  const own = [...elf.rpath, ...elf.runpath].some((entry) => /\$(ORIGIN|\{ORIGIN\})/.test(entry));
  if (own && !isShared(directory, home)) return directory;
  return program;
}

function isShared(directory: string, home: string): boolean {
  return (
    sharedPrefixes.has(directory) ||
    sharedHomeFolders.some((folder) => posix.join(home, folder) === posix.join(directory, '.')) ||
    `${home}/`.startsWith(`${directory}/`)
  );
}

/** Electron keeps its resources beside the program (resources/, *.pak). */
function isElectronTree(directory: string): boolean {
  return exists(posix.join(directory, 'resources')) && exists(posix.join(directory, 'icudtl.dat'));
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

async function walk(
  from: string,
  program: string,
  session: LoaderSession,
  signal: AbortSignal,
): Promise<Omit<TreeSurvey, 'electron'>> {
  if (from === program) {
    const found = examine(program, '.', session);
    return {
      from,
      program: '.',
      files: 1,
      bytes: allocated(lstatSync(program)),
      executables: found,
    };
  }
  const totals = { files: 0, bytes: 0 };
  let readable = 0;
  const own = posix.relative(from, program);
  const executables = examine(program, own, session);
  // Hard links share their bytes: pointing one of them to the sandbox points all.
  const seen = new Set([identity(lstatSync(program))]);
  const pending = [''];
  for (let relative = pending.pop(); relative !== undefined; relative = pending.pop()) {
    if (signal.aborted) throw new DevmendError('cancelled');
    for (const entry of entriesOf(posix.join(from, relative))) {
      const path = posix.join(relative, entry.name);
      if (entry.isDirectory()) pending.push(path);
      if (!entry.isFile()) continue;
      const stat = lstatSync(posix.join(from, path));
      totals.files += 1;
      totals.bytes += allocated(stat);
      readable += stat.size;
      if (totals.files > FILE_LIMIT || readable > BYTE_LIMIT) {
        throw new DevmendError('tree-too-large', { path: from });
      }
      // Only what may be executed, or is the program itself, has an interpreter that matters.
      if ((stat.mode & 0o111) !== 0 && !seen.has(identity(stat))) {
        seen.add(identity(stat));
        executables.push(...examine(posix.join(from, path), path, session));
      }
    }
    await new Promise(setImmediate);
  }
  const [first, ...rest] = executables;
  const byName = rest.sort((left, right) => (left.path < right.path ? -1 : 1));
  return { from, program: own, ...totals, executables: first ? [first, ...byName] : byName };
}

/** What a file takes on the disk at most: of one with holes less than its size. */
function allocated({ size, blocks }: Stats): number {
  return Math.min(size, blocks * 512);
}

function identity({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function entriesOf(directory: string): Dirent[] {
  const handle = opendirSync(directory);
  const entries: Dirent[] = [];
  try {
    for (let entry = handle.readSync(); entry !== null; entry = handle.readSync())
      entries.push(entry);
  } finally {
    handle.closeSync();
  }
  return entries;
}

/** The file as an executable that this system refuses, or nothing. */
function examine(path: string, relative: string, session: LoaderSession): SurveyedExecutable[] {
  const elf = readElf(path);
  if (!elf.ok || elf.value.interpreter === null || elf.value.libc !== 'glibc') return [];
  const report = session.simulate(path);
  const wanting =
    report.verdict === 'fails' || report.versionErrors.length > 0 || report.missing.length > 0;
  if (!wanting || report.reason !== null) return [];
  const versions: Record<string, string[]> = {};
  for (const { library, version } of report.versionErrors) {
    versions[library] = [...new Set([...(versions[library] ?? []), version])];
  }
  return [
    {
      path: relative,
      interpreter: elf.value.interpreter,
      rpath: elf.value.hasRunpath ? elf.value.runpath : elf.value.rpath,
      privileged: (lstatSync(path).mode & 0o6000) !== 0,
      versions,
      libraries: report.missing.map(({ soname }) => soname),
    },
  ];
}
