import { parseParagraph } from '../../sandbox/control.ts';
import { hasDigest, listedPathOf, type PackageReader, type RuntimeFile } from './model.ts';
import type { InstalledPackage, PackagedRoot } from './model.ts';

const STATUS = '/var/lib/dpkg/status';
const INFO = '/var/lib/dpkg/info';
const DIVERSIONS = '/var/lib/dpkg/diversions';
/** 10,000 packages make some 15 MB. */
const STATUS_LIMIT = 128 * 1024 * 1024;
const LIST_LIMIT = 4 * 1024 * 1024;

/** Debian's names of the packages that bring each library; the newer name first. */
export const debianPackages: Readonly<Record<string, readonly string[]>> = {
  'libc.so.6': ['libc6'],
  'libstdc++.so.6': ['libstdc++6'],
  'libgcc_s.so.1': ['libgcc-s1', 'libgcc1'],
};

/** Debian's word for an architecture (dpkg's cputable). */
export const debianArchitectures: Readonly<Record<string, string>> = {
  'x86-64': 'amd64',
  aarch64: 'arm64',
};

/** dpkg's database: `status`, and the lists, digests and diversions beside it. */
export const readDpkg: PackageReader = (root, runtime) => {
  const status = root.files.readText(STATUS, STATUS_LIMIT);
  if (!status.ok) return null;
  const text = `\n${status.value}\n\n`;
  return runtime.flatMap((file) => {
    for (const name of debianPackages[file.soname] ?? []) {
      const fields = stanzas(text, name).find((one) => isInstalled(one, root.machine));
      if (fields !== undefined) return [describe(fields, name, file, root)];
    }
    return [];
  });
};

/** A package has a stanza for each architecture; a status file of nothing else is no package's. */
const MOST_STANZAS = 100;

/** Every stanza of a package: one an architecture. The text starts and ends with an empty line. */
export function stanzas(text: string, name: string): ReadonlyMap<string, string>[] {
  const found: ReadonlyMap<string, string>[] = [];
  const start = `\nPackage: ${name}\n`;
  for (
    let at = text.indexOf(start);
    at >= 0 && found.length < MOST_STANZAS;
    at = text.indexOf(start, at + 1)
  ) {
    const end = text.indexOf('\n\n', at + 1);
    found.push(parseParagraph(text.slice(at + 1, end < 0 ? undefined : end)));
  }
  return found;
}

/** The fields of an installed package, of whichever architecture; null where there is none. */
export function installedPackage(
  name: string,
  files: PackagedRoot['files'],
): ReadonlyMap<string, string> | null {
  const status = files.readText(STATUS, STATUS_LIMIT);
  if (!status.ok) return null;
  const found = stanzas(`\n${status.value}\n\n`, name);
  return found.find((one) => / installed$/.test(one.get('status') ?? '')) ?? null;
}

/** The digest that a package keeps of a file; null where the file is not the package's. */
export function listedAs(
  name: string,
  architecture: string,
  path: string,
  files: PackagedRoot['files'],
): { readonly md5: string | null } | null {
  const listed = listedFiles(name, architecture, files);
  const place = listed === null ? null : ownPath(listed, name, { soname: '', path }, files);
  return place === null ? null : { md5: digestOf(place, name, architecture, files) };
}

function isInstalled(fields: ReadonlyMap<string, string>, machine: string): boolean {
  return (
    fields.get('architecture') === debianArchitectures[machine] &&
    / installed$/.test(fields.get('status') ?? '')
  );
}

function describe(
  fields: ReadonlyMap<string, string>,
  name: string,
  file: RuntimeFile,
  root: PackagedRoot,
): InstalledPackage {
  const architecture = fields.get('architecture') ?? '';
  const listed = listedFiles(name, architecture, root.files);
  const place = listed === null ? null : ownPath(listed, name, file, root.files);
  return {
    library: file.soname,
    name,
    version: fields.get('version') ?? '',
    architecture,
    held: (fields.get('status') ?? '').startsWith('hold '),
    owns: listed === null ? null : place !== null,
    intact:
      place === null
        ? null
        : hasDigest(root.root, file.path, 'md5', digestOf(place, name, architecture, root.files)),
  };
}

function infoFile(
  name: string,
  architecture: string,
  ending: string,
  files: PackagedRoot['files'],
): string | null {
  for (const base of [`${name}:${architecture}`, name]) {
    const text = files.readText(`${INFO}/${base}.${ending}`, LIST_LIMIT);
    if (text.ok) return text.value;
  }
  return null;
}

function listedFiles(
  name: string,
  architecture: string,
  files: PackagedRoot['files'],
): readonly string[] | null {
  return infoFile(name, architecture, 'list', files)?.split('\n') ?? null;
}

/** The listed path that is this file, unless another package has diverted it. */
function ownPath(
  listed: readonly string[],
  name: string,
  file: RuntimeFile,
  files: PackagedRoot['files'],
): string | null {
  const text = files.readText(DIVERSIONS, LIST_LIMIT);
  const lines = text.ok ? text.value.split('\n') : [];
  const diverted = new Map<string, string>();
  // Three lines each: from, to, by which package (`:` for the administrator).
  for (let index = 0; index + 2 < lines.length; index += 3) {
    const [from = '', to = '', by = ''] = lines.slice(index, index + 3);
    if (by !== name) diverted.set(from, to);
  }
  const paths = listed.map((path) => diverted.get(path) ?? path);
  const place = listedPathOf(paths, file, files);
  // The digests are kept under the name in the package.
  return place === null ? null : (listed[paths.indexOf(place)] ?? null);
}

function digestOf(
  path: string,
  name: string,
  architecture: string,
  files: PackagedRoot['files'],
): string | null {
  const sums = infoFile(name, architecture, 'md5sums', files);
  const line = sums?.split('\n').find((one) => one.slice(34) === path.slice(1));
  return line === undefined ? null : line.slice(0, 32);
}
