/** Who made a valid signature. */
export interface Signer {
  /** Fingerprint of the primary key, upper case hexadecimal. */
  readonly fingerprint: string;
  readonly name: string;
}

/** A text whose signature holds: only what the signature covers, never what stood around it. */
export interface SignedText {
  readonly text: string;
  /** In the order of the signatures; at least one. */
  readonly signers: readonly Signer[];
}

/** A Release file: clear-signed (`InRelease`), or with its signature beside it (`Release.gpg`). */
export interface SignedFile {
  /** How it is called in messages. */
  readonly address: string;
  readonly content: Buffer;
  readonly signature: Buffer | null;
}

/** Line ends as `\n` and one at the end: both ways of checking then answer the same bytes. */
export function canonicalText(text: string): string {
  const lines = text.replace(/\r\n/g, '\n');
  let end = lines.length;
  // By hand: `\n+$` takes quadratic time on a run of newlines that is not the last.
  while (lines[end - 1] === '\n') end -= 1;
  return `${lines.slice(0, end)}\n`;
}
