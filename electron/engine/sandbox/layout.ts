import type { SandboxSpec } from '../../../shared/plan.ts';

/** Directory of a sandbox that holds the libraries; becomes the rpath. */
export const LIBRARY_DIRECTORY = 'lib';
export const MANIFEST_FILE = 'manifest.json';

/** Programs that ask a private glibc for a user, a locale and a character set (fact 12). */
export const PROBE_DIRECTORY = 'probes';
export const probePrograms = ['getent', 'iconv', 'locale'] as const;
/** Brings them; built together with libc6, and left out where a source has no such build. */
export const PROBE_PACKAGE = 'libc-bin';

export type Architecture = SandboxSpec['architecture'];

/** What every sandbox is made of: glibc, and the two run-time libraries of GCC. */
export const basePackages = ['libc6', 'libgcc-s1', 'libstdc++6'] as const;

/** The loader's file name by architecture, which is also its soname. */
export const loaderNames: Readonly<Record<Architecture, string>> = {
  amd64: 'ld-linux-x86-64.so.2',
  arm64: 'ld-linux-aarch64.so.1',
};

const LIBRARY = /^(?:usr\/)?lib\/(?:(?:x86_64|aarch64)-linux-gnu\/)?([^/]+\.so(?:\.[^/]+)?)$/;
const PROBE = new RegExp(`^usr/bin/(${probePrograms.join('|')})$`);
const GCONV = /^(?:usr\/)?lib\/(?:x86_64|aarch64)-linux-gnu\/(gconv(?:\/.+)?)$/;

/**
 * Where a file of a Debian package goes in a sandbox; null leaves it out.
 * Shared objects lie flat in `lib/`, so that one rpath finds all of them;
 * character set modules below `lib/gconv/`; three programs of libc-bin, which prove the
 * set after a repair, in `probes/`. Nothing else is needed to run a program.
 * Sub-directories such as `glibc-hwcaps` are left out: the baseline libraries
 * run on every processor.
 */
export function sandboxPath(path: string, type: 'file' | 'directory' | 'link'): string | null {
  if (type === 'directory') return null;
  const probe = type === 'file' ? PROBE.exec(path)?.[1] : undefined;
  if (probe !== undefined) return `${PROBE_DIRECTORY}/${probe}`;
  const name = LIBRARY.exec(path)?.[1] ?? GCONV.exec(path)?.[1];
  return name === undefined ? null : `${LIBRARY_DIRECTORY}/${name}`;
}
