import { isAbsolute, join } from 'node:path';
import { access } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { DevmendError } from '../../../shared/error.ts';
import type { ErrorData, Result } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import { debianSuites } from '../data/debian-suites.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import type { SandboxChoice, SandboxRequest } from '../repairs/repair.ts';
import { archiveAddress, configuredArchives } from './apt-sources.ts';
import { assess, newestGlibc } from './assess.ts';
import { asResult, stopIfCancelled } from './failures.ts';
import { publicAddress } from './fetch.ts';
import { hostLibraries } from './host-libraries.ts';
import { versionsOf } from './inspect.ts';
import { placeFor } from './installed.ts';
import { loadKeyring } from './keyring.ts';
import { baseOf, openRelease } from './release.ts';
import type { PackageSource, SignedRelease } from './release.ts';
import type { SignatureContext } from './signature.ts';

/** What tests and the command line may set beside the request. */
export interface SandboxOptions {
  /** File with the public keys that may sign the source, instead of Debian's. */
  readonly keyring?: string;
  /** gpgv to use; null: the openpgp library. Left out: gpgv where the system has it. */
  readonly gpgv?: string | null;
}

/**
 * Chooses what a sandbox is built from: the oldest signed release whose libraries
 * really define every version asked for (read from the libraries themselves), whose
 * glibc runs on the kernel, and which is not older than the machine's own glibc,
 * because libraries of the machine are still loaded beside it.
 *
 * Writes only below the cache. Fails with `source-unreachable`,
 * `source-no-release`, `source-signature-invalid`, `source-expired`,
 * `source-digest-mismatch`, `source-unsafe-archive`, `source-package-missing`,
 * `source-no-keyring`, `kernel-too-old`, `choice-invalid`, `cancelled`, `disk-full`.
 */
export async function chooseSandbox(
  machine: Machine,
  request: SandboxRequest,
  job: JobContext,
  options: SandboxOptions = {},
): Promise<Result<SandboxChoice, ErrorData>> {
  return await asResult(async () => {
    const keyring = await loadKeyring(options.keyring ?? null);
    const context: SignatureContext = { machine, job, keyring, gpgv: options.gpgv };
    const sources = await sourcesFor(machine, request.source);
    const refusals = new Refusals();
    for (const suite of suitesFor(machine, request, sources)) {
      stopIfCancelled(job.signal);
      const release = await openFirst(sources, suite, request, context, refusals);
      if (release === null) continue;
      const verdict = await assess(release, request, context);
      if (verdict.kind === 'fits') return await placeFor(machine, verdict.spec);
      job.emit({
        type: 'note',
        note: message('sandbox.note.lacks', { suite: release.suite, needed: verdict.needed }),
      });
      refusals.lacking(verdict.needed);
    }
    throw refusals.error(request, sources);
  });
}

/** Keeps why releases were passed over, so that the most telling reason is given at the end. */
class Refusals {
  private needed: string | null = null;
  private failure: DevmendError | null = null;

  lacking(needed: string): void {
    this.needed = needed;
  }

  failed(error: DevmendError): void {
    this.failure ??= error;
  }

  error(request: SandboxRequest, sources: readonly PackageSource[]): DevmendError {
    if (this.needed === null && this.failure !== null) return this.failure;
    const needed = this.needed ?? request.release ?? firstNeed(request);
    const address = sources.map((source) => publicAddress(baseOf(source))).join(', ');
    return new DevmendError('source-no-release', { address, needed });
  }
}

async function sourcesFor(machine: Machine, text: string | null): Promise<PackageSource[]> {
  if (text === null) {
    const archives = await configuredArchives(machine.root);
    if (archives.length === 0) {
      throw new DevmendError('source-no-release', { address: '/etc/apt', needed: 'Debian' });
    }
    return archives.map(({ href }) => ({ kind: 'archive', address: href }));
  }
  if (isAbsolute(text)) {
    await access(text).catch((error: NodeJS.ErrnoException) => {
      throw new DevmendError('source-unreachable', { address: text, reason: error.code ?? '' });
    });
    // A mirror on a disk has its releases below `dists`, a plain directory has its index in it.
    const mirror = await access(join(text, 'dists')).then(
      () => true,
      () => false,
    );
    return mirror
      ? [{ kind: 'archive', address: pathToFileURL(`${text.replace(/\/+$/, '')}/`).href }]
      : [{ kind: 'directory', path: text }];
  }
  const address = archiveAddress(text);
  if (address === null) {
    throw new DevmendError('choice-invalid', {
      key: 'source',
      value: text,
      known: 'http://…, https://…, file:///…, /directory',
    });
  }
  return [{ kind: 'archive', address: address.href }];
}

/** Suites worth opening, oldest first; null stands for what a directory holds. */
function suitesFor(
  machine: Machine,
  request: SandboxRequest,
  sources: readonly PackageSource[],
): (string | null)[] {
  if (request.release !== null) {
    const known = debianSuites.find(({ release }) => release === request.release);
    const suite = known?.suite ?? request.release;
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(suite)) {
      throw new DevmendError('choice-invalid', {
        key: 'release',
        value: request.release,
        known: debianSuites.map((known) => known.suite).join(', '),
      });
    }
    return [suite];
  }
  if (sources.every(({ kind }) => kind === 'directory')) return [null];
  const own = hostLibraries(machine.root, request.architecture)('libc.so.6');
  const needed = newestGlibc([
    ...Object.values(request.versions).flat(),
    ...(own === null ? [] : versionsOf(own)),
  ]);
  // The table only saves downloads; a suite that still moves may have more than it says.
  const worthwhile = debianSuites.filter(
    ({ glibc, released }) =>
      !released || newestGlibc([`GLIBC_${glibc}`, needed]) === `GLIBC_${glibc}`,
  );
  return worthwhile.map(({ suite }) => suite);
}

/** The suite from the first source that has it. */
async function openFirst(
  sources: readonly PackageSource[],
  suite: string | null,
  request: SandboxRequest,
  context: SignatureContext,
  refusals: Refusals,
): Promise<SignedRelease | null> {
  for (const source of sources) {
    try {
      const release = await openRelease(source, suite, context);
      if (release !== null) return release;
    } catch (error) {
      // An outdated or unreachable release is passed over unless it was asked for; a
      // wrong signature stops everything.
      if (!(error instanceof DevmendError) || !isPassable(error, request)) throw error;
      refusals.failed(error);
      context.job.emit({
        type: 'note',
        note: message('sandbox.note.passed-over', { suite: suite ?? '' }),
      });
    }
  }
  return null;
}

function isPassable(error: DevmendError, request: SandboxRequest): boolean {
  const { code } = error.data;
  if (code === 'source-unreachable') return true;
  return code === 'source-expired' && request.release === null;
}

function firstNeed(request: SandboxRequest): string {
  const [version] = Object.values(request.versions).flat();
  return version ?? request.libraries[0] ?? 'Debian';
}
