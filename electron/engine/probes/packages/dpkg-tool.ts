import type { ProbeData } from '../../../../shared/snapshot.ts';
import { upstreamVersion } from '../../sandbox/control.ts';
import type { Files } from '../files.ts';
import { installedPackage, listedAs } from './dpkg.ts';
import { hasDigest } from './model.ts';

export type ToolPackage = NonNullable<ProbeData<'go-tools'>['tools'][number]['package']>;

/** Debian's names of the packages that bring the tools whose releases are told apart. */
const PACKAGES: Readonly<Record<string, string>> = { gopls: 'gopls', dlv: 'delve' };
/** Debian built gopls from this source for years, and the package's number is that of x/tools. */
const SEVERAL_PROGRAMS = 'golang-golang-x-tools';

/**
 * The package whose file a tool is, untouched since it was installed. Null where dpkg does not
 * say, or where the file is another one by now. Debian builds without modules, so that its
 * programs do not state their release themselves.
 */
export function toolPackage(
  name: string,
  realPath: string,
  root: string,
  files: Files,
): ToolPackage | null {
  const wanted = PACKAGES[name];
  const fields = wanted === undefined ? null : installedPackage(wanted, files);
  if (wanted === undefined || fields === null) return null;
  const place = listedAs(wanted, fields.get('architecture') ?? '', realPath, files);
  if (place === null || hasDigest(root, realPath, 'md5', place.md5) === false) return null;
  const version = fields.get('version') ?? '';
  // `Source: name (version)` where the numbers differ.
  const source = (fields.get('source') ?? wanted).split(' ')[0] ?? wanted;
  const number = /^\d+(?:\.\d+)+(?![.\d~])/.exec(upstreamVersion(version))?.[0] ?? null;
  const release = source === SEVERAL_PROGRAMS ? null : number;
  return { manager: 'dpkg', name: wanted, source, version, release };
}
