import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { makeDirectory } from './make-directory.ts';
import type { Keyring } from './keyring.ts';
import { cancelledError } from './failures.ts';
import { canonicalText } from './signed-file.ts';
import type { SignedFile, SignedText, Signer } from './signed-file.ts';

export interface SignatureContext {
  readonly machine: Machine;
  readonly job: JobContext;
  readonly keyring: Keyring;
  /** gpgv to use; null: the library. Left out: gpgv where the system has it. */
  readonly gpgv?: string | null | undefined;
}

const GPGV = ['/usr/bin/gpgv', '/bin/gpgv', '/usr/local/bin/gpgv'];
const GPGV_TIMEOUT_MS = 60_000;
/** OpenPGP hash algorithms that still hold (RFC 9580, section 9.5): SHA-2 and SHA-3. */
const SOUND_HASHES = new Set(['8', '9', '10', '11', '12', '14']);

/**
 * Checks the signature of a Release file with gpgv, or with the openpgp library
 * where there is none, and answers the text that it covers. One signature by a
 * key of the keyring that is neither expired nor revoked is needed; signatures
 * by unknown keys are passed over, a bad one is not.
 * Throws DevmendError `source-signature-invalid`.
 */
export async function verifySignature(
  file: SignedFile,
  context: SignatureContext,
): Promise<SignedText> {
  if (file.signature === null) insistOnOneSignedBlock(file);
  const gpgv = context.gpgv === undefined ? await findGpgv() : context.gpgv;
  if (gpgv !== null) return await verifyWithGpgv(gpgv, file, context);
  context.job.emit({ type: 'note', note: message('sandbox.note.signature-library') });
  // Only where it is needed: the library takes its time to start.
  const { verifyWithLibrary } = await import('./signature-library.ts');
  return await verifyWithLibrary(file, context.keyring, context.machine.clock());
}

/** What the status lines of gpgv say (GnuPG, doc/DETAILS): the valid signers, or why there are none. */
export function readGpgvStatus(output: string): { signers: Signer[]; reason: string | null } {
  const signers: Signer[] = [];
  let reason: string | null = null;
  let good: string | null = null;
  for (const [, line = ''] of output.matchAll(/\[GNUPG:\] ([^\r\n]*)/g)) {
    const [keyword, ...words] = line.split(' ');
    if (keyword === 'NEWSIG') good = null;
    if (keyword === 'GOODSIG') good = words.slice(1).join(' ');
    if (keyword === 'BADSIG') return { signers: [], reason: `BADSIG ${words.join(' ')}` };
    // VALIDSIG also follows EXPSIG, EXPKEYSIG and REVKEYSIG, so GOODSIG has to stand before it.
    if (keyword === 'VALIDSIG' && good !== null && SOUND_HASHES.has(words[7] ?? '')) {
      signers.push({ fingerprint: words[9] ?? words[0] ?? '', name: good });
    }
    if (keyword && /^(EXPSIG|EXPKEYSIG|REVKEYSIG|ERRSIG|NODATA|NO_PUBKEY)$/.test(keyword)) {
      reason ??= `${keyword} ${words.join(' ')}`.trim();
    }
  }
  return { signers, reason: signers.length > 0 ? null : (reason ?? 'no VALIDSIG') };
}

function insistOnOneSignedBlock(file: SignedFile): void {
  const text = file.content.toString('latin1');
  const begins = text.match(/^-----BEGIN PGP SIGNED MESSAGE-----\r?$/gm)?.length ?? 0;
  // What stands around the signed part would be read by a careless reader as if it were signed.
  if (begins !== 1 || !/^-----BEGIN[^]*-----END PGP SIGNATURE-----\s*$/.test(text)) {
    throw new DevmendError('source-signature-invalid', {
      address: file.address,
      reason: 'not one clear-signed text',
    });
  }
}

async function verifyWithGpgv(
  gpgv: string,
  file: SignedFile,
  context: SignatureContext,
): Promise<SignedText> {
  const { machine, job } = context;
  await makeDirectory(machine.directories.cache);
  const work = await mkdtemp(join(machine.directories.cache, 'gpgv-'));
  try {
    const paths = await writeInputs(work, file, context.keyring);
    // Both streams on one descriptor: on two, a status line could arrive in the middle of a message.
    const streams = ['--status-fd', '1', '--logger-fd', '1'];
    const args = [...streams, '--homedir', work, '--keyring', paths.keyring, ...paths.args];
    job.emit({ type: 'output', stream: 'command', text: [gpgv, ...args].join(' ') });
    const outcome = await machine.run(
      { file: gpgv, args, environment: { LC_ALL: 'C.UTF-8' }, timeoutMs: GPGV_TIMEOUT_MS },
      (text) => job.emit({ type: 'output', stream: 'data', text }),
      job.signal,
    );
    if (outcome.cancelled) throw cancelledError();
    const { signers, reason } = readGpgvStatus(outcome.output);
    if (outcome.exitCode === null || signers.length === 0) {
      throw new DevmendError('source-signature-invalid', {
        address: file.address,
        reason: reason ?? `gpgv ended with ${outcome.signal ?? 'a time-out'}`,
      });
    }
    const text = file.signature === null ? await readFile(paths.text, 'utf8') : undefined;
    return { text: canonicalText(text ?? file.content.toString('utf8')), signers };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeInputs(
  work: string,
  file: SignedFile,
  keyring: Keyring,
): Promise<{ keyring: string; text: string; args: string[] }> {
  const paths = {
    keyring: join(work, 'keyring.gpg'),
    signed: join(work, file.signature === null ? 'InRelease' : 'Release'),
    signature: join(work, 'Release.gpg'),
    text: join(work, 'text'),
  };
  await writeFile(paths.keyring, keyring.bytes, { mode: 0o600 });
  await writeFile(paths.signed, file.content, { mode: 0o600 });
  if (file.signature === null) {
    return { ...paths, args: ['--output', paths.text, paths.signed] };
  }
  await writeFile(paths.signature, file.signature, { mode: 0o600 });
  return { ...paths, args: [paths.signature, paths.signed] };
}

async function findGpgv(): Promise<string | null> {
  for (const path of GPGV) {
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return null;
}
