import { createHash } from 'node:crypto';

/** Ten hexadecimal digits that stand for a path: stable across scans, short enough to read. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
