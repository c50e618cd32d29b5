import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { LoaderSession } from '../../../../electron/engine/elf/loader.ts';
import type { DependencyReport } from '../../../../shared/elf.ts';
import { fetchDebianPackages } from '../../../fixtures/debian.ts';
import { compile, library } from '../tools.ts';

/**
 * A root of single packages as dpkg unpacks them, absolute links and all; the
 * links that a release with one /usr relies on are put in as its system has them.
 */
export async function packagesRoot(
  suite: string,
  names: readonly string[],
  root: string,
  architecture?: string,
): Promise<string> {
  for (const { file } of await fetchDebianPackages(suite, names, architecture)) {
    execFileSync('dpkg-deb', ['-x', file, root]);
  }
  fs.chmodSync(root, 0o755);
  for (const name of ['lib', 'lib64', 'sbin', 'bin']) {
    if (fs.existsSync(path.join(root, 'usr', name)) && !fs.existsSync(path.join(root, name))) {
      fs.symlinkSync(`usr/${name}`, path.join(root, name));
    }
  }
  fs.mkdirSync(path.join(root, 'etc'), { recursive: true });
  fs.mkdirSync(path.join(root, 'opt'), { recursive: true });
  return root;
}

/** A root that holds one release's glibc and ldconfig. */
export async function glibcRoot(suite: string, root: string): Promise<string> {
  return packagesRoot(suite, ['libc6', 'libc-bin'], root);
}

/** A program without any libc: its exit status is what libwhich.so answers. */
const WHICH = `int which(void);
void _start(void) {
  int status = which();
  __asm__ volatile("syscall" : : "a"(231), "D"(status) : "rcx", "r11", "memory");
  __builtin_unreachable();
}
`;

/** Puts `/opt/program` into the root, which needs libwhich.so. */
export function whichProgram(root: string, scratch: string, args: readonly string[] = []): void {
  const stub = library(scratch, 'libwhich.so', 'int which(void) { return 0; }\n', {
    args: ['-nostdlib'],
  });
  const program = compile(scratch, 'program', WHICH, [
    '-nostdlib',
    '-fno-stack-protector',
    '-Wl,--dynamic-linker=/lib64/ld-linux-x86-64.so.2',
    stub.replace(/^(.*)\/lib(which)\.so$/, '-L$1'),
    '-lwhich',
    ...args,
  ]);
  fs.copyFileSync(program, path.join(root, 'opt/program'));
}

/** Puts a libwhich.so that answers `value` into a directory of the root. */
export function placeLibrary(
  root: string,
  scratch: string,
  directory: string,
  value: number,
): void {
  const source = `int which(void) { return ${value}; }\n`;
  const name = `${value}/libwhich.so`;
  const kept = path.join(scratch, name);
  const file = fs.existsSync(kept) ? kept : library(scratch, name, source, { args: ['-nostdlib'] });
  fs.mkdirSync(path.join(root, directory), { recursive: true });
  fs.copyFileSync(file, path.join(root, directory, 'libwhich.so'));
}

export interface RealStart {
  readonly status: number | null;
  readonly stderr: string;
}

/** chroot(1) with the /proc that the loader reads `$ORIGIN` from, gone with its mount namespace. */
const CHROOT_WITH_PROC =
  'mount --bind /proc "$1/proc" && exec /usr/sbin/chroot --userspec=65534:65534 "$@"';

/**
 * Starts a program of the root in a chroot: as root, or as an ordinary user with
 * /proc there, without which no `$ORIGIN` of the program is known.
 */
export function startInRoot(
  root: string,
  program: string,
  how: { readonly environment?: Record<string, string>; readonly asUser?: boolean } = {},
): RealStart {
  const asUser = how.asUser === true;
  if (asUser) {
    fs.mkdirSync(path.join(root, 'proc'), { recursive: true });
  }
  // The tools before the program ignore what they do not find of the environment.
  const [command, ...args] = asUser
    ? ['/usr/bin/unshare', '-m', '/bin/sh', '-c', CHROOT_WITH_PROC, 'sh', root, program]
    : ['/usr/sbin/chroot', root, program];
  const { status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: how.environment ?? {},
  });
  return { status, stderr };
}

/** The libwhich.so that the simulation takes, or null. */
export function simulatedWhich(
  root: string,
  environment: Record<string, string> = {},
): { readonly path: string | null; readonly report: DependencyReport } {
  const report = new LoaderSession(root, { environment }).simulate('/opt/program');
  const found = report.objects.find((one) => one.soname === 'libwhich.so');
  return { path: found?.path ?? null, report };
}
