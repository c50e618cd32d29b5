import { createHash } from 'node:crypto';

/**
 * A finding's id: `<check>:<short hash>`. The parts must name the fact and
 * nothing that changes from scan to scan (no times, no order of discovery).
 */
export function findingId(check: string, parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${check}:${digest.slice(0, 8)}`;
}
