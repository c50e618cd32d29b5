import { DevmendError } from '../../../shared/error.ts';
import type { SandboxSpec } from '../../../shared/plan.ts';
import type { ElfFile } from '../elf/types.ts';
import type { SandboxRequest } from '../repairs/repair.ts';
import { upstreamVersion } from './control.ts';
import { findExtraLibraries, lackingVersions } from './extra-libraries.ts';
import type { FoundLibraries } from './extra-libraries.ts';
import { publicAddress } from './fetch.ts';
import { hostLibraries } from './host-libraries.ts';
import type { HostLibraries } from './host-libraries.ts';
import { inspectPackage, versionsOf } from './inspect.ts';
import type { Libraries } from './inspect.ts';
import { basePackages, PROBE_PACKAGE } from './layout.ts';
import type { CacheContext } from './package-cache.ts';
import { loadIndex, obtainPackage } from './package-index.ts';
import type { IndexedPackage, PackageIndex } from './package-index.ts';
import type { SignedRelease } from './release.ts';

export type Assessment =
  | { readonly kind: 'fits'; readonly spec: SandboxSpec }
  | { readonly kind: 'lacks'; readonly needed: string };

/** The three libraries whose age decides whether the machine's other libraries still work. */
const RUNTIME = ['libc.so.6', 'libstdc++.so.6', 'libgcc_s.so.1'];

/**
 * Whether one release satisfies a request, judged by the libraries in its
 * packages. Throws DevmendError `kernel-too-old` when everything but the kernel
 * fits (a newer release would only ask for a newer one), and what fetching throws.
 */
export async function assess(
  release: SignedRelease,
  request: SandboxRequest,
  context: CacheContext,
): Promise<Assessment> {
  const index = await loadIndex(release, request.architecture, context);
  const packages = basePackages.map((name) => packageNamed(name, index, release));
  const base = new Map<string, ElfFile>();
  for (const wanted of packages) {
    const libraries = await inspectPackage(release.source, wanted, context);
    for (const [name, facts] of libraries) base.set(name, facts);
  }
  const host = hostLibraries(context.machine.root, request.architecture);
  const older = olderThanHost(base, host);
  if (older !== null) return { kind: 'lacks', needed: older };
  // Whatever is asked of a base library needs no search, and none when it falls short.
  const lack = firstLack(request, base, true);
  if (lack !== null) return { kind: 'lacks', needed: lack };
  const named = Object.keys(request.versions);
  const search = { release, index, architecture: request.architecture, host };
  const found = await findExtraLibraries([...request.libraries, ...named], base, search, context);
  const remaining = found.missing[0] ?? firstLack(request, found.libraries, false);
  if (remaining !== null && remaining !== undefined) return { kind: 'lacks', needed: remaining };
  const kernelFloor = base.get('libc.so.6')?.notes.kernelFloor ?? null;
  insistOnKernel(request.kernel, kernelFloor);
  const probes = await probePackage(packages[0]?.version ?? '', index, release, context);
  const whole = [...packages, ...probes];
  return { kind: 'fits', spec: specOf(release, request, whole, found, kernelFloor) };
}

/**
 * libc-bin of the very build of libc6, fetched like the rest so that applying needs no
 * network; nothing where the source has none: the sandbox is as good without.
 */
async function probePackage(
  version: string,
  index: PackageIndex,
  release: SignedRelease,
  context: CacheContext,
): Promise<IndexedPackage[]> {
  const wanted = index.get(PROBE_PACKAGE);
  if (wanted?.version !== version) return [];
  try {
    await obtainPackage(release.source, wanted, context);
    return [wanted];
  } catch (error) {
    if (error instanceof DevmendError && error.data.code === 'source-package-missing') return [];
    throw error;
  }
}

/** The highest numeric `GLIBC_` version among names; `GLIBC_0` when there is none. */
export function newestGlibc(names: readonly string[]): string {
  const numeric = names.filter((name) => /^GLIBC_\d+(\.\d+)*$/.test(name));
  return numeric.reduce((best, name) => (compareNumbers(name, best) > 0 ? name : best), 'GLIBC_0');
}

/** Orders dotted numbers found in two texts: kernel releases, version names. */
export function compareNumbers(left: string, right: string): number {
  const a = numbersOf(left);
  const b = numbersOf(right);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(text: string): number[] {
  return (/\d+(\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number);
}

function packageNamed(name: string, index: PackageIndex, release: SignedRelease): IndexedPackage {
  const found = index.get(name);
  if (found !== undefined) return found;
  const address = publicAddress(release.base);
  throw new DevmendError('source-package-missing', { package: name, address });
}

/** A version that the machine's own library has and the release's has not; null when it is not older. */
function olderThanHost(base: Libraries, host: HostLibraries): string | null {
  for (const soname of RUNTIME) {
    const own = host(soname);
    const offered = base.get(soname);
    if (own === null || offered === undefined) continue;
    const lacking = lackingVersions(offered, [...versionsOf(own)]).filter(
      // Not part of any public interface, and Debian's patches come and go (fact 1).
      (name) => !/PRIVATE|_ABI_/.test(name),
    );
    if (lacking[0] !== undefined) return lacking[0];
  }
  return null;
}

/** The first version asked for that the libraries lack; null when all are there. */
function firstLack(
  request: SandboxRequest,
  libraries: Libraries,
  onlyPresent: boolean,
): string | null {
  for (const [soname, names] of Object.entries(request.versions)) {
    const library = libraries.get(soname);
    if (library === undefined) {
      if (onlyPresent) continue;
      return soname;
    }
    const [lacking] = lackingVersions(library, names);
    if (lacking !== undefined) return lacking;
  }
  return null;
}

function insistOnKernel(kernel: string | null, floor: string | null): void {
  if (kernel === null || floor === null || compareNumbers(kernel, floor) >= 0) return;
  throw new DevmendError('kernel-too-old', { kernel, floor });
}

function specOf(
  release: SignedRelease,
  request: SandboxRequest,
  base: readonly IndexedPackage[],
  found: FoundLibraries,
  kernelFloor: string | null,
): SandboxSpec {
  const packages = [...base, ...found.packages.filter((extra) => !base.includes(extra))];
  return {
    source: release.source,
    distributor: release.distributor,
    suite: release.suite,
    release: release.release,
    architecture: request.architecture,
    glibc: upstreamVersion(base[0]?.version ?? ''),
    signedBy: release.signedBy,
    releaseDigest: release.digest,
    packages: packages.map(({ name, version, architecture, file, size, sha256 }) => ({
      name,
      version,
      architecture,
      file,
      size,
      sha256,
    })),
    kernelFloor,
    installedBytes: packages.reduce((sum, { installedBytes }) => sum + installedBytes, 0),
  };
}
