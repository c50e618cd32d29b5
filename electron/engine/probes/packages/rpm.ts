import type { Machine } from '../../machine.ts';
import type { Files } from '../files.ts';
import { hasDigest, listedPathOf, type InstalledPackage, type RuntimeFile } from './model.ts';

/** Where the database lies; its formats (BerkeleyDB, ndb, SQLite) are rpm's own. */
const DATABASES = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'];
const PROGRAM = '/usr/bin/rpm';
const TIMEOUT_MS = 2_000;
/** A tab-separated line for the package, and one for each of its files with a digest. */
const FORMAT =
  '@\\t%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\n[=\\t%{FILENAMES}\\t%{FILEDIGESTS}\\n]';

/** What rpm says, in the C locale and with status 1, of a file that no package owns. */
const NOT_OWNED = /is not owned by any package$/m;

/** Whether a root keeps its packages with rpm. */
export function hasRpm(files: Files): boolean {
  return DATABASES.some((path) =>
    ['rpmdb.sqlite', 'Packages.db', 'Packages'].some((name) => files.exists(`${path}/${name}`)),
  );
}

export interface RpmAnswer {
  readonly packages: readonly InstalledPackage[];
  /** Files that the loader takes and no package has brought. */
  readonly unowned: readonly RuntimeFile[];
}

/**
 * Asks the running system's own rpm which package each file belongs to. Null where
 * rpm is not there or does not answer; another root's database cannot be asked.
 */
export async function askRpm(
  machine: Machine,
  files: Files,
  runtime: readonly RuntimeFile[],
  signal: AbortSignal,
): Promise<RpmAnswer | null> {
  const packages: InstalledPackage[] = [];
  const unowned: RuntimeFile[] = [];
  for (const file of runtime) {
    const text = await query(machine, file.path, signal);
    const answer = text === null ? null : parseRpmAnswer(text, file, machine.root, files);
    // A damaged database, or no answer in this form: nothing is known, rather than no package.
    if (answer === null && !NOT_OWNED.test(text ?? '')) return null;
    if (answer === null) unowned.push(file);
    else packages.push(...answer);
  }
  return { packages, unowned };
}

async function query(machine: Machine, path: string, signal: AbortSignal): Promise<string | null> {
  try {
    const outcome = await machine.run(
      {
        file: PROGRAM,
        args: ['--query', '--file', '--queryformat', FORMAT, path],
        environment: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
        timeoutMs: TIMEOUT_MS,
      },
      () => undefined,
      signal,
    );
    return outcome.timedOut || outcome.exitCode === null ? null : outcome.output;
  } catch {
    return null;
  }
}

/** What rpm answered for one file; null where no package owns it. */
export function parseRpmAnswer(
  text: string,
  file: RuntimeFile,
  root: string,
  files: Files,
): InstalledPackage[] | null {
  const lines = text.split(/\r?\n/).map((line) => line.split('\t'));
  const [, name = '', epoch = '0', version = '', architecture = ''] =
    lines.find(([sign]) => sign === '@') ?? [];
  if (name === '') return null;
  const contents = lines.filter(([sign]) => sign === '=');
  // Fedora's glibc lists /lib64/libc.so.6, where /lib64 has become a link.
  const listed = listedPathOf(
    contents.map(([, path = '']) => path),
    file,
    files,
  );
  const digest = contents.find(([, path]) => path === listed)?.[2] ?? '';
  return [
    {
      library: file.soname,
      name,
      version: epoch === '0' ? version : `${epoch}:${version}`,
      architecture,
      held: false,
      owns: true,
      // SHA-256 since rpm 4.14; older databases have MD5, which has half the digits.
      intact: hasDigest(root, file.path, 'sha256', digest.length === 64 ? digest : null),
    },
  ];
}
