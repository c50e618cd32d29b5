import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
// The library is loaded when a key is read: it takes longer to start than the whole engine.
import type { PublicKey } from 'openpgp';
import { DevmendError } from '../../../shared/error.ts';
import shipped from '../data/debian-archive-keys.json' with { type: 'json' };

/** Public keys that may sign an archive, as gpgv wants them: packets one after the other. */
export interface Keyring {
  readonly bytes: Uint8Array;
}

const SYSTEM_KEYRINGS = '/usr/share/keyrings';
/** Only the keys that are in use: `debian-archive-removed-keys.gpg` holds withdrawn ones. */
const IN_USE = /^debian-archive-(keyring|[a-z]+-(automatic|stable))\.gpg$/;

/**
 * The keys of Debian's archive: Devmend's own copy and, where the running
 * system has them, those it has installed (a newer release may be signed by keys
 * that Devmend does not know yet). With `path`, that file alone.
 *
 * The keyrings are always the running system's, never those of another root
 * that is being examined: what is examined is not a source of trust.
 * Throws DevmendError `source-no-keyring` when `path` holds no key.
 */
export async function loadKeyring(path: string | null): Promise<Keyring> {
  if (path !== null) return { bytes: await readKeyFile(path) };
  const parts: Uint8Array[] = shipped.keys.map(({ key }) => Buffer.from(key, 'base64'));
  const names = await readdir(SYSTEM_KEYRINGS).catch(() => []);
  for (const name of names.filter((entry) => IN_USE.test(entry)).sort()) {
    const bytes = await readKeyFile(join(SYSTEM_KEYRINGS, name)).catch(() => null);
    // An unreadable keyring of the system is no reason to stop: our own copy remains.
    if (bytes !== null) parts.push(bytes);
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)) };
}

/** The keys of a keyring, for the library. A key that is there twice is one key. */
export async function keysOf(keyring: Keyring): Promise<PublicKey[]> {
  const { readKeys } = await import('openpgp');
  const keys = await readKeys({ binaryKeys: keyring.bytes });
  const byFingerprint = new Map<string, PublicKey>();
  for (const key of keys) {
    const fingerprint = key.getFingerprint();
    if (!byFingerprint.has(fingerprint)) byFingerprint.set(fingerprint, key.toPublic());
  }
  return [...byFingerprint.values()];
}

async function readKeyFile(path: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    const armoured = bytes.subarray(0, 64).toString('latin1').includes('-----BEGIN PGP');
    const binary = armoured ? await dearmour(bytes.toString('latin1')) : new Uint8Array(bytes);
    const { readKeys } = await import('openpgp');
    if ((await readKeys({ binaryKeys: binary })).length > 0) return binary;
  } catch {
    // Told below in the one way that helps: which file is not a keyring.
  }
  throw new DevmendError('source-no-keyring', { path });
}

async function dearmour(text: string): Promise<Uint8Array> {
  const { readKeys } = await import('openpgp');
  const keys = await readKeys({ armoredKeys: text });
  return Buffer.concat(keys.map((key) => key.write()));
}
