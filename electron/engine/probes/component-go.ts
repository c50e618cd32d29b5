import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Component, ComponentRole } from '../../../shared/component.ts';
import type { ProbeProblem } from '../../../shared/snapshot.ts';
import { readGoProgramInfo } from '../elf/go-build-info.ts';
import { nativeFile, type NativeFile } from './component-files.ts';
import { programComponent } from './component-program.ts';
import { onPath } from './expand.ts';
import { goEnvironment, goToolDirectories } from './go-locations.ts';
import { pause } from './pause.ts';
import type { ProbeContext } from './probe.ts';
import { problem } from './problems.ts';
import { shortHash } from '../short-hash.ts';
import { workspaceFolders } from './workspaces.ts';

const BY_NAME: Readonly<Record<string, ComponentRole>> = {
  go: 'go',
  gopls: 'gopls',
  dlv: 'dlv',
  staticcheck: 'staticcheck',
  'golangci-lint': 'linter',
  'golangci-lint-v2': 'linter',
};

const MOST_IN_BIN = 200;

/**
 * What Go work needs besides the editors: go and its tools, other programs that
 * were installed with `go install` or built into a workspace's `bin`, a C
 * compiler for cgo, and the race detector.
 */
export async function goComponents(context: ProbeContext): Promise<readonly Component[]> {
  const { files, signal, machine } = context;
  const components = new Map<string, Component>();
  const add = (file: NativeFile | null, describe: (file: NativeFile) => Component | null): void => {
    const known = file === null || components.has(file.realPath) ? null : describe(file);
    if (known !== null && file !== null) components.set(file.realPath, known);
  };
  for (const { name, path } of context.result('go-tools')?.tools ?? []) {
    await pause(signal);
    add(nativeFile(path, files), (file) =>
      programComponent(file, { role: BY_NAME[name] ?? 'go-tool', foundBy: 'path' }, context),
    );
  }
  const places = [
    ...goToolDirectories(machine, files).map((directory) => ({
      directory,
      foundBy: 'path' as const,
    })),
    ...workspaceFolders(context).map((folder) => ({
      directory: join(folder, 'bin'),
      foundBy: 'workspace' as const,
    })),
  ];
  for (const { directory, foundBy } of places) {
    await pause(signal);
    for (const path of programsIn(directory, context)) {
      add(nativeFile(path, files), (file) => goProgram(file, foundBy, context));
    }
  }
  return [...components.values(), ...compilerAndRace(context)];
}

function programsIn(directory: string, { files }: ProbeContext): readonly string[] {
  const entries = files.list(directory);
  if (!entries.ok) return [];
  return entries.value
    .filter(({ kind }) => kind === 'file' || kind === 'link')
    .slice(0, MOST_IN_BIN)
    .map(({ name }) => join(directory, name));
}

/** A program that Go built; one with an interpreter has cgo or the system resolver in it. */
function goProgram(
  file: NativeFile,
  foundBy: 'path' | 'workspace',
  context: ProbeContext,
): Component | null {
  const { elf } = file;
  if (elf === null || (elf.interpreter === null && elf.linkage === null)) return null;
  const info = readGoProgramInfo(context.files.hostPath(file.realPath), elf);
  if (!info.ok || info.value === null) return null;
  const dynamic = elf.linkage === 'dynamic';
  if (foundBy === 'workspace' && !dynamic) return null;
  const role = dynamic ? 'cgo-program' : 'go-tool';
  return programComponent(file, { role, foundBy }, context);
}

const COMPILERS = ['gcc', 'clang', 'cc'];

/** The compiler that cgo would call (`CC`, else gcc or clang) and the race detector's library. */
function compilerAndRace(context: ProbeContext): Component[] {
  const goroot = gorootOf(context);
  if (goroot === null) return [];
  const { machine, files } = context;
  const settings = goEnvironment(machine, files);
  const wanted = (settings.get('CC') ?? '').split(' ')[0] ?? '';
  const names = wanted === '' ? COMPILERS : [wanted];
  const paths = names.flatMap((name) => {
    if (isAbsolute(name)) return files.exists(name) ? [name] : [];
    const place = onPath(name, machine, files);
    return place.ok ? [place.value] : [];
  });
  const name = names[0] ?? 'gcc';
  const file = paths[0] === undefined ? null : nativeFile(paths[0], files);
  const compiler =
    file === null
      ? absent('c-compiler', paths[0] ?? name, paths[0] === undefined ? notFound(name) : null)
      : programComponent(file, { role: 'c-compiler', foundBy: 'compiler' }, context);
  const cgo = settings.get('CGO_ENABLED') !== '0';
  return [compiler, raceDetector(goroot, context, { compiler: paths.length > 0, name, cgo })];
}

function notFound(name: string): ProbeProblem {
  return problem('not-found', name, 'PATH');
}

/** GOROOT of the go that comes first: two levels above the program itself. */
function gorootOf({ result, files }: ProbeContext): string | null {
  const go = result('go-tools')?.tools.find(({ name }) => name === 'go');
  if (go === undefined) return null;
  const real = files.realPath(go.path);
  return real.ok ? dirname(dirname(real.value)) : null;
}

/** Since Go 1.19: glibc 2.17, cgo, and the ThreadSanitizer library in GOROOT (release notes). */
function raceDetector(
  goroot: string,
  { files, result }: ProbeContext,
  {
    compiler,
    name,
    cgo,
  }: { readonly compiler: boolean; readonly name: string; readonly cgo: boolean },
): Component {
  const directory = join(goroot, 'src/runtime/race');
  const arm = result('kernel')?.architecture === 'aarch64';
  const candidates = arm
    ? ['race_linux_arm64.syso', 'internal/arm64v1/race_linux.syso']
    : ['internal/amd64v1/race_linux.syso', 'race_linux_amd64.syso'];
  const syso = candidates.map((one) => join(directory, one)).find((one) => files.exists(one));
  const path = syso ?? join(directory, candidates[0] ?? '');
  const libc = result('libc');
  const present = libc?.libc?.highest['GLIBC']?.split('.').map(Number) ?? [];
  const old = libc?.kind === 'glibc' && present[0] === 2 && (present[1] ?? 99) < 17;
  const reason =
    syso === undefined
      ? problem('not-found', path, basename(path))
      : !cgo
        ? problem('unsupported', null, 'CGO_ENABLED=0')
        : !compiler
          ? notFound(name)
          : libc?.kind === 'musl' || old
            ? problem('unsupported', libc.libc?.path ?? null, 'glibc 2.17')
            : null;
  const needs = { glibc: '2.17', glibcxx: null, cxxabi: null, forcedBy: [] };
  const real = files.realPath(path);
  return {
    ...absent('race-detector', path, reason),
    name: 'go -race',
    realPath: real.ok ? real.value : null,
    variant: reason === null ? 'loads' : 'optional-absent',
    needs,
  };
}

/** Something that Go can do without: what is missing is told, and is no finding. */
function absent(role: ComponentRole, path: string, reason: ProbeProblem | null): Component {
  return {
    id: shortHash(`go ${role}`),
    editorId: null,
    role,
    name: basename(path),
    path,
    realPath: null,
    loadedBy: null,
    foundBy: 'compiler',
    variant: reason === null ? 'loads' : 'optional-absent',
    extension: null,
    needs: null,
    report: null,
    problem: reason,
  };
}
