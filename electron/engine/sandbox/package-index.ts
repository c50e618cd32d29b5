import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { SandboxPackage } from '../../../shared/plan.ts';
import { compareVersions } from './control.ts';
import { compressionOf, decompress } from './decompress.ts';
import { publicAddress } from './fetch.ts';
import { obtain } from './package-cache.ts';
import type { CacheContext } from './package-cache.ts';
import { baseOf } from './release.ts';
import type { PackageSource, SignedRelease } from './release.ts';

/** A package as a signed index describes it. */
export interface IndexedPackage extends SandboxPackage {
  /** Unpacked size in bytes, as the index states it. */
  readonly installedBytes: number;
}

/** The packages of one release for one architecture, by name; of several versions the newest. */
export type PackageIndex = ReadonlyMap<string, IndexedPackage>;

/** Debian's largest index unpacks to 60 MB. */
const LARGEST_INDEX = 1024 * 1024 * 1024;
/** In order of preference: the smallest first. */
const ENDINGS = ['.xz', '.gz', ''];
const FIELDS = /^(Package|Version|Architecture|Filename|Size|SHA256|Installed-Size):[ \t]*(.*)$/gm;

/**
 * The index read last, for as long as memory is plentiful: a plan for several
 * programs asks for the same one again and again, and reading takes seconds.
 */
let latest: { readonly key: string; readonly index: WeakRef<Map<string, IndexedPackage>> } | null =
  null;

/**
 * Reads the index of a release's packages, whose digest the signed Release
 * states. Packages of another architecture than `architecture` or `all`, and
 * those without a sha256, are left out.
 * Throws DevmendError: `source-no-release` when the release has none for this
 * architecture, and what {@link obtain} throws.
 */
export async function loadIndex(
  release: SignedRelease,
  architecture: string,
  context: CacheContext,
): Promise<PackageIndex> {
  const { path, name, sha256 } = await obtainIndex(release, architecture, context);
  const key = `${sha256} ${architecture}`;
  const before = latest?.key === key ? latest.index.deref() : undefined;
  if (before !== undefined) return before;
  const index = new Map<string, IndexedPackage>();
  context.job.emit({ type: 'note', note: message('sandbox.note.index', { suite: release.suite }) });
  const take = (stanza: string): void => {
    const entry = readStanza(stanza);
    if (entry === null) return;
    if (entry.architecture !== architecture && entry.architecture !== 'all') return;
    const known = index.get(entry.name);
    if (known && compareVersions(known.version, entry.version) >= 0) return;
    // Parsed strings are views that keep the text around them alive; a round trip cuts them loose.
    index.set(entry.name, JSON.parse(JSON.stringify(entry)) as IndexedPackage);
  };
  const text = decompress(createReadStream(path), compressionOf(name), LARGEST_INDEX);
  text.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of text) {
      rest += chunk as string;
      const end = rest.lastIndexOf('\n\n');
      if (end < 0) continue;
      rest.slice(0, end).split('\n\n').forEach(take);
      rest = rest.slice(end + 2);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DevmendError('source-unsafe-archive', { file: name, reason });
  }
  take(rest);
  latest = { key, index: new WeakRef(index) };
  return index;
}

/**
 * Fetches a package into the cache, checked against its digest, and answers where.
 * Throws DevmendError `source-package-missing`, and what {@link obtain} throws.
 */
export async function obtainPackage(
  source: PackageSource,
  wanted: SandboxPackage,
  context: CacheContext,
): Promise<string> {
  const base = baseOf(source);
  const address = new URL(wanted.file.split('/').map(encodeURIComponent).join('/'), base);
  const missing = new DevmendError('source-package-missing', {
    package: `${wanted.name} ${wanted.version}`,
    address: publicAddress(base),
  });
  if (!address.href.startsWith(base.href)) throw missing;
  const path = await obtain({ ...wanted, name: wanted.file, addresses: [address] }, context);
  if (path === null) throw missing;
  return path;
}

async function obtainIndex(
  release: SignedRelease,
  architecture: string,
  context: CacheContext,
): Promise<{ path: string; name: string; sha256: string }> {
  const directory = release.source.kind === 'archive' ? `main/binary-${architecture}/` : '';
  for (const ending of ENDINGS) {
    const name = `${directory}Packages${ending}`;
    const listed = release.files.get(name);
    const plain = new URL(name, release.base);
    if (listed === undefined || !(await mayExist(plain))) continue;
    const byHash = new URL(`${directory}by-hash/SHA256/${listed.sha256}`, release.base);
    const addresses = release.byHash ? [byHash, plain] : [plain];
    const path = await obtain({ name, ...listed, addresses }, context);
    if (path !== null) return { path, name, sha256: listed.sha256 };
  }
  throw new DevmendError('source-no-release', {
    address: publicAddress(release.base),
    needed: `Packages (${architecture})`,
  });
}

/** A Release lists more compressions of an index than a directory has to hold. */
async function mayExist(address: URL): Promise<boolean> {
  if (address.protocol !== 'file:') return true;
  return await access(fileURLToPath(address)).then(
    () => true,
    () => false,
  );
}

function readStanza(stanza: string): IndexedPackage | null {
  const fields = new Map<string, string>();
  for (const [, name, value] of stanza.matchAll(FIELDS)) {
    if (name !== undefined && value !== undefined && !fields.has(name)) {
      fields.set(name, value.trim());
    }
  }
  const get = (name: string): string => fields.get(name) ?? '';
  if (!/^[0-9a-f]{64}$/.test(get('SHA256')) || !/^\d{1,12}$/.test(get('Size'))) return null;
  const file = get('Filename').replace(/^\.\//, '');
  // A name that leaves the source would be fetched from somewhere nobody vouches for.
  if (file === '' || file.startsWith('/') || file.split('/').includes('..')) return null;
  if (!/^[a-z0-9][a-z0-9+.-]*$/.test(get('Package')) || get('Version') === '') return null;
  return {
    name: get('Package'),
    version: get('Version'),
    architecture: get('Architecture'),
    file,
    size: Number(get('Size')),
    sha256: get('SHA256'),
    installedBytes: (Number(get('Installed-Size')) || 0) * 1024,
  };
}
