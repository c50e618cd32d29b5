import * as nodePath from 'node:path';

/** What the dynamic string tokens of one object stand for (ld.so(8), "Dynamic string tokens"). */
export interface Tokens {
  /** Directory of the object; null where the loader could not know it. */
  readonly origin: string | null;
  readonly lib: string;
  readonly platform: string;
  /** Secure-execution mode: `$ORIGIN` must stand first. */
  readonly secure: boolean;
  /** The directories that `$ORIGIN` may lead to; null where it is not restricted. */
  readonly trusted: readonly string[] | null;
}

const TOKEN = /\$(?:(ORIGIN|PLATFORM|LIB)(?![A-Za-z0-9_])|\{(ORIGIN|PLATFORM|LIB)\})/g;

/**
 * Replaces `$ORIGIN`, `$LIB` and `$PLATFORM` (also in braces). Answers null
 * for what the loader drops: an unknown origin, and in secure-execution mode an
 * `$ORIGIN` that is not first, or of the program one that does not lead to a
 * system directory (elf/dl-load.c, `_dl_dst_substitute`).
 */
export function expandTokens(text: string, tokens: Tokens): string | null {
  if (!text.includes('$')) {
    return text;
  }
  let dropped = false;
  let usesOrigin = false;
  const expanded = text.replace(
    TOKEN,
    (whole: string, bare: string | undefined, braced: string | undefined, offset: number) => {
      const name = bare ?? braced;
      if (name === 'LIB') {
        return tokens.lib;
      }
      if (name === 'PLATFORM') {
        return tokens.platform;
      }
      const after = text.charAt(offset + whole.length);
      const standsFirst = offset === 0 && (after === '' || after === '/');
      usesOrigin = true;
      dropped ||= tokens.origin === null || (tokens.secure && !standsFirst);
      return tokens.origin ?? '';
    },
  );
  if (dropped) {
    return null;
  }
  if (usesOrigin && tokens.trusted !== null) {
    const normal = nodePath.normalize(expanded).replace(/\/$/, '');
    return tokens.trusted.some((one) => normal === one || normal.startsWith(`${one}/`))
      ? expanded
      : null;
  }
  return expanded;
}
