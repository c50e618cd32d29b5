import * as fs from 'node:fs';
import { mountOf, parseMounts } from '../../processes/mounts.ts';
import type { LoadedObject } from './store.ts';

/** Who would start a program. */
export interface Starter {
  readonly uid: number;
  readonly gid: number;
}

/** What of a file may make its start secure (AT_SECURE), and for whom. */
export interface Privileges {
  readonly file: Pick<LoadedObject, 'mode' | 'uid' | 'gid'>;
  /** The file has capabilities. */
  readonly capabilities: boolean;
  /** Null where nobody knows who starts it: then whatever would be secure for somebody is. */
  readonly starter: Starter | null;
  /** Whether its file system lets no program gain anything; asked only where that matters. */
  readonly nosuid: () => boolean;
}

const S_ISUID = 0o4000;
/** Without permission for the group the bit asks for mandatory locks instead. */
const SETGID = 0o2010;

/**
 * Whether the program starts in secure-execution mode: somebody else's ids, or
 * capabilities that its user did not have (`bprm_fill_uid` in the kernel's fs/exec.c,
 * `cap_bprm_creds_from_file` in security/commoncap.c).
 */
export function startsSecure({ file, capabilities, starter, nosuid }: Privileges): boolean {
  const setuid = (file.mode & S_ISUID) !== 0;
  const setgid = (file.mode & SETGID) === SETGID;
  if (starter === null) return capabilities || setuid || setgid;
  const gains =
    (setuid && file.uid !== starter.uid) ||
    (setgid && file.gid !== starter.gid) ||
    (capabilities && starter.uid !== 0);
  return gains && !nosuid();
}

/** Whether the running system ignores setuid, setgid and capabilities of a file. */
export function isOnNosuid(path: string): boolean {
  try {
    const mounts = parseMounts(fs.readFileSync('/proc/self/mountinfo', 'utf8'));
    return mountOf(fs.realpathSync.native(path), mounts)?.nosuid === true;
  } catch {
    // Without /proc the careful answer stays.
    return false;
  }
}
