import { createMessage, readCleartextMessage, readSignature, verify } from 'openpgp';
import type { PublicKey, VerifyMessageResult } from 'openpgp';
import { DevmendError } from '../../../shared/error.ts';
import { keysOf } from './keyring.ts';
import type { Keyring } from './keyring.ts';
import { canonicalText } from './signed-file.ts';
import type { SignedFile, SignedText, Signer } from './signed-file.ts';

/**
 * Checks a signature with the openpgp library, by the same rules as with gpgv:
 * the key has to be neither expired nor revoked now (the library alone would ask
 * only whether it was valid when it signed), signatures by unknown keys are
 * passed over, one that does not fit the text is not.
 * Throws DevmendError `source-signature-invalid`.
 */
export async function verifyWithLibrary(
  file: SignedFile,
  keyring: Keyring,
  now: Date,
): Promise<SignedText> {
  const keys = await keysOf(keyring);
  const { text, signatures } = await read(file, keys, now).catch((error: unknown) => {
    throw invalid(file, error instanceof Error ? error.message : String(error));
  });
  const signers: Signer[] = [];
  let reason = 'no signature by a key of the keyring';
  for (const signature of signatures) {
    const key = keys.find((candidate) => candidate.getKeys(signature.keyID).length > 0);
    if (key === undefined) continue;
    // A known key whose signature does not fit means that the text was changed.
    await signature.verified.catch((error: unknown) => {
      throw invalid(file, error instanceof Error ? error.message : String(error));
    });
    try {
      await key.getSigningKey(signature.keyID, now);
      signers.push(signerOf(key));
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  if (signers.length === 0) throw invalid(file, reason);
  return { text: canonicalText(text), signers };
}

async function read(
  file: SignedFile,
  keys: PublicKey[],
  now: Date,
): Promise<{ text: string; signatures: VerifyMessageResult['signatures'] }> {
  const common = { verificationKeys: keys, date: now };
  if (file.signature === null) {
    const message = await readCleartextMessage({ cleartextMessage: file.content.toString('utf8') });
    const { data, signatures } = await verify({ message, ...common });
    return { text: data, signatures };
  }
  const armoured = file.signature.subarray(0, 64).toString('latin1').includes('-----BEGIN PGP');
  const signature = armoured
    ? await readSignature({ armoredSignature: file.signature.toString('latin1') })
    : await readSignature({ binarySignature: new Uint8Array(file.signature) });
  const message = await createMessage({ binary: new Uint8Array(file.content) });
  const { signatures } = await verify({ message, signature, format: 'binary', ...common });
  return { text: file.content.toString('utf8'), signatures };
}

function signerOf(key: PublicKey): Signer {
  const user = key.users.find(({ userID }) => userID !== null)?.userID;
  return { fingerprint: key.getFingerprint().toUpperCase(), name: user?.userID ?? '' };
}

function invalid(file: SignedFile, reason: string): DevmendError {
  return new DevmendError('source-signature-invalid', { address: file.address, reason });
}
