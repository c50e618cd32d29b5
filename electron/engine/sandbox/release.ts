import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { SandboxSpec } from '../../../shared/plan.ts';
import { makeDirectory } from './make-directory.ts';
import { parseParagraph } from './control.ts';
import { fetchFile, publicAddress } from './fetch.ts';
import { verifySignature } from './signature.ts';
import type { SignatureContext } from './signature.ts';
import type { SignedFile } from './signed-file.ts';

/** Where packages come from, as a spec names it. */
export type PackageSource = SandboxSpec['source'];

/** A file that a Release lists. */
export interface ListedFile {
  readonly size: number;
  readonly sha256: string;
}

/** One release of a distribution, as its signed Release file describes it. */
export interface SignedRelease {
  readonly source: PackageSource;
  /** Directory of the Release file; the names in `files` are relative to it. */
  readonly base: URL;
  readonly distributor: string;
  readonly suite: string;
  /** Release number such as `13`, or the suite where there is none. */
  readonly release: string;
  readonly byHash: boolean;
  readonly files: ReadonlyMap<string, ListedFile>;
  readonly signedBy: SandboxSpec['signedBy'];
  readonly digest: string;
}

/** Debian's own Release files are below 300 KB. */
const LARGEST_RELEASE = 8 * 1024 * 1024;

/** The address below which a source's files lie, with a slash at its end. */
export function baseOf(source: PackageSource): URL {
  return source.kind === 'archive'
    ? new URL(source.address)
    : pathToFileURL(`${source.path.replace(/\/+$/, '')}/`);
}

/**
 * Fetches a Release file, checks its signature and that it is the one asked for.
 * `suite` is required for an archive; null takes what a directory holds.
 * Answers null when the source has no such release.
 * Throws DevmendError: `source-signature-invalid` (also when it is unsigned or
 * signed for another suite), `source-expired`, `source-digest-mismatch` when it
 * lists no sha256, `source-unreachable`.
 */
export async function openRelease(
  source: PackageSource,
  suite: string | null,
  context: SignatureContext,
): Promise<SignedRelease | null> {
  const root = baseOf(source);
  const base = source.kind === 'archive' ? new URL(`dists/${suite ?? ''}/`, root) : root;
  const address = publicAddress(base);
  const { job, machine } = context;
  job.emit({ type: 'note', note: message('sandbox.note.release', { address }) });
  const file = await fetchSigned(base, context);
  if (file === null) return null;
  const { text, signers } = await verifySignature(file, context);
  const fields = parseParagraph(text);
  insistOnSuite(fields, suite, address);
  insistOnFreshness(fields, address, machine.clock());
  const codename = fields.get('codename') ?? fields.get('suite') ?? suite;
  if (!codename) throw untrusted(address, 'no Codename');
  const signer = signers.find(({ name }) => name.includes(codename)) ?? signers[0];
  if (signer === undefined) throw untrusted(address, 'no signer');
  job.emit({
    type: 'note',
    note: message('sandbox.note.signed', { name: signer.name, fingerprint: signer.fingerprint }),
  });
  return {
    source,
    base,
    distributor: fields.get('origin') ?? 'unknown',
    suite: codename,
    release: /^\d+/.exec(fields.get('version') ?? '')?.[0] ?? codename,
    byHash: fields.get('acquire-by-hash') === 'yes',
    files: listedFiles(fields, address),
    signedBy: signer,
    digest: createHash('sha256').update(text).digest('hex'),
  };
}

/** InRelease, or Release with Release.gpg; null when there is neither. */
async function fetchSigned(base: URL, context: SignatureContext): Promise<SignedFile | null> {
  const { machine, job } = context;
  await makeDirectory(machine.directories.cache);
  const work = await mkdtemp(join(machine.directories.cache, 'release-'));
  const get = async (name: string): Promise<Buffer | null> => {
    const address = new URL(name, base);
    const path = join(work, name);
    const outcome = await fetchFile(address, path, LARGEST_RELEASE, {
      signal: job.signal,
      environment: machine.environment,
    });
    if (outcome === 'too-large') throw untrusted(publicAddress(address), 'too large');
    return outcome === 'absent' ? null : await readFile(path);
  };
  try {
    const inline = await get('InRelease');
    if (inline !== null) {
      return {
        address: publicAddress(new URL('InRelease', base)),
        content: inline,
        signature: null,
      };
    }
    const content = await get('Release');
    if (content === null) return null;
    const address = publicAddress(new URL('Release', base));
    const signature = await get('Release.gpg');
    if (signature === null) throw untrusted(address, 'not signed');
    return { address, content, signature };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function insistOnSuite(
  fields: ReadonlyMap<string, string>,
  suite: string | null,
  address: string,
): void {
  const named = [fields.get('codename'), fields.get('suite')];
  // A signed Release of another suite under this name would be a replay.
  if (suite !== null && !named.includes(suite)) {
    throw untrusted(address, `signed for ${named[0] ?? named[1] ?? 'no suite'}, not for ${suite}`);
  }
}

function insistOnFreshness(fields: ReadonlyMap<string, string>, address: string, now: Date): void {
  const until = fields.get('valid-until');
  if (until === undefined) return;
  const time = Date.parse(until);
  if (Number.isNaN(time)) throw untrusted(address, `Valid-Until: ${until}`);
  if (time < now.getTime()) throw new DevmendError('source-expired', { address, until });
}

function listedFiles(
  fields: ReadonlyMap<string, string>,
  address: string,
): ReadonlyMap<string, ListedFile> {
  const files = new Map<string, ListedFile>();
  for (const line of (fields.get('sha256') ?? '').split('\n')) {
    const [sha256, size, name] = line.trim().split(/\s+/);
    if (sha256 === undefined || size === undefined || name === undefined) continue;
    if (!/^[0-9a-f]{64}$/.test(sha256) || !/^\d{1,12}$/.test(size)) continue;
    files.set(name.replace(/^\.\//, ''), { sha256, size: Number(size) });
  }
  // MD5 and SHA1 sums alone are no chain of trust.
  if (files.size === 0) {
    throw new DevmendError('source-digest-mismatch', {
      file: address,
      expected: 'SHA256',
      actual: 'none',
    });
  }
  return files;
}

function untrusted(address: string, reason: string): DevmendError {
  return new DevmendError('source-signature-invalid', { address, reason });
}
