import type { Snapshot } from '../../../shared/snapshot.ts';
import { redactValue, USER } from '../redact.ts';

/** Names of people and machines that are replaced wherever they stand. */
export interface Redactions {
  /** `os.hostname()` of the machine the snapshot is of. */
  readonly host: string;
}

/**
 * The snapshot without what tells who and where: home directory, user name,
 * host name, tokens. It stays a valid snapshot that gives the same findings,
 * apart from their ids. Numbers of users and groups are kept: 0 or not matters.
 */
export function redactSnapshot(snapshot: Snapshot, redactions: Redactions): Snapshot {
  const { home, user } = snapshot;
  const cleaned = redactValue(snapshot, { home, user: user.name, host: redactions.host });
  return user.name === 'root' ? cleaned : { ...cleaned, user: { ...cleaned.user, name: USER } };
}
