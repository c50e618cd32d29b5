import { fail, ok, type Result } from '../../../shared/error.ts';
import { snapshotSchema, type Snapshot } from '../../../shared/snapshot.ts';

/** The text of a snapshot file: JSON that a person can read. */
export function saveSnapshot(snapshot: Snapshot): string {
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

/**
 * The snapshot in a file's text. `snapshot-invalid` for anything else, with
 * `reason`: where the text stops being a snapshot of this schema version.
 */
export function loadSnapshot(text: string, path: string): Result<Snapshot> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return fail('snapshot-invalid', {
      path,
      reason: error instanceof Error ? error.message : 'JSON',
    });
  }
  const snapshot = snapshotSchema.safeParse(json);
  if (snapshot.success) return ok(snapshot.data);
  const issue = snapshot.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'schema' : issue.path.join('.');
  return fail('snapshot-invalid', { path, reason: where });
}
