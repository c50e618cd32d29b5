import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect } from 'vitest';
import { dependencyReportSchema, type DependencyReport } from '../../../shared/elf.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { readElf } from '../../../electron/engine/elf/read.ts';
import type { ElfFile } from '../../../electron/engine/elf/types.ts';

/** A directory that is gone after the tests of the file. */
export function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-elf-'));
  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Compiles C text with the arguments given; answers the path of what it made. */
export function compile(
  directory: string,
  name: string,
  source: string,
  args: readonly string[] = [],
  compiler = 'gcc',
): string {
  const text = path.join(directory, `${name}.c`);
  const output = path.join(directory, name);
  fs.mkdirSync(path.dirname(output), { recursive: true });
  fs.writeFileSync(text, source);
  execFileSync(compiler, ['-o', output, text, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  return output;
}

/** Compiles a shared library; `versions` is a linker version script. */
export function library(
  directory: string,
  name: string,
  source: string,
  options: {
    readonly args?: readonly string[];
    readonly versions?: string;
    readonly compiler?: string;
  } = {},
): string {
  const args = ['-shared', '-fPIC', `-Wl,-soname,${path.basename(name)}`];
  if (options.versions !== undefined) {
    const script = path.join(directory, `${path.basename(name)}.map`);
    fs.mkdirSync(path.dirname(script), { recursive: true });
    fs.writeFileSync(script, options.versions);
    args.push(`-Wl,--version-script=${script}`);
  }
  return compile(directory, name, source, [...args, ...(options.args ?? [])], options.compiler);
}

/** Reads a file that must be readable. */
export function elfOf(file: string): ElfFile {
  const elf = readElf(file);
  if (!elf.ok) {
    throw new Error(`${file}: ${elf.error.code} ${elf.error.detail}`);
  }
  return elf.value;
}

/** What starting a program really comes to. */
export function start(
  program: string,
  environment: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(program, [], {
    env: { PATH: '/usr/bin:/bin', ...environment },
    encoding: 'utf8',
  });
  return { status, stderr };
}

export const MAIN = 'int main(void) { return 0; }\n';

/** Linker options that choose which of the two tags `-rpath` becomes. */
export const RPATH = '-Wl,--disable-new-dtags';
export const RUNPATH = '-Wl,--enable-new-dtags';

/** A simulation whose report keeps its schema. */
export function simulate(file: string, environment: Record<string, string> = {}): DependencyReport {
  const report = new LoaderSession('/', { environment }).simulate(file);
  dependencyReportSchema.parse(report);
  return report;
}

/** The simulation and a real start must agree. */
export function expectSameAsReal(
  file: string,
  environment: Record<string, string> = {},
): DependencyReport {
  const report = simulate(file, environment);
  const real = start(file, environment);
  expect({ verdict: report.verdict, stderr: real.stderr }).toMatchObject({
    verdict: real.status === 0 ? 'starts' : 'fails',
  });
  return report;
}

/** Where a library was found, or null. */
export function found(
  report: DependencyReport,
  soname: string,
): { path: string; foundBy: string } | null {
  const object = report.objects.find((one) => one.soname === soname);
  return object === undefined ? null : { path: object.path, foundBy: object.foundBy };
}

/** `program` needs libouter.so, which needs libinner.so in `deep/`. */
export function chain(
  directory: string,
  name: string,
  programTags: string[],
  outerTags: string[],
  compiler = 'gcc',
): string {
  const base = path.join(directory, name);
  fs.mkdirSync(path.join(base, 'deep'), { recursive: true });
  library(base, 'deep/libinner.so', 'int inner(void) { return 0; }\n', { compiler });
  library(base, 'libouter.so', 'int inner(void);\nint outer(void) { return inner(); }\n', {
    args: [`-L${base}/deep`, '-linner', ...outerTags],
    compiler,
  });
  const args = [`-L${base}`, '-louter', `-Wl,-rpath-link,${base}/deep`, ...programTags];
  const source = 'int outer(void);\nint main(void) { return outer(); }\n';
  return compile(base, 'program', source, args, compiler);
}

/** Sets VER_FLG_WEAK on one needed version of a file. */
export function markWeak(file: string, version: string): void {
  const bytes = fs.readFileSync(file);
  const hash = Buffer.alloc(4);
  hash.writeUInt32LE(elfHash(version));
  const at = bytes.indexOf(hash);
  expect(at).toBeGreaterThan(0);
  bytes.writeUInt16LE(2, at + 4);
  fs.writeFileSync(file, bytes);
}

/** The hash by which versions are compared. */
export function elfHash(name: string): number {
  let hash = 0;
  for (const character of Buffer.from(name)) {
    hash = ((hash << 4) + character) >>> 0;
    const high = hash & 0xf0000000;
    hash = ((hash ^ (high >>> 24)) & ~high) >>> 0;
  }
  return hash;
}
