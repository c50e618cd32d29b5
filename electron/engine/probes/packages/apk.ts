import { hasDigest, type InstalledPackage, type PackageReader } from './model.ts';

/** apk-tools 3 keeps it below /usr. */
const DATABASES = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed'];
const LIMIT = 64 * 1024 * 1024;
const WORLD = '/etc/apk/world';

/** musl is the loader itself; GCC's libraries have names of their own. */
function packageOf(soname: string): string | null {
  if (soname === 'libstdc++.so.6') return 'libstdc++';
  if (soname === 'libgcc_s.so.1') return 'libgcc';
  return soname.startsWith('ld-musl-') ? 'musl' : null;
}

/** apk's database (apk-package(5)): one-letter fields, a paragraph a package, files inside. */
export const readApk: PackageReader = ({ root, files }, runtime) => {
  const text = DATABASES.map((path) => files.readText(path, LIMIT)).find((one) => one.ok);
  if (text?.ok !== true) return null;
  const world = files.readText(WORLD, LIMIT);
  const pinned = world.ok ? world.value.split(/\s+/) : [];
  return runtime.flatMap((file): InstalledPackage[] => {
    const name = packageOf(file.soname);
    const lines = name === null ? undefined : paragraphOf(name, text.value);
    if (name === null || lines === undefined) return [];
    const field = (letter: string): string =>
      lines.find((line) => line.startsWith(`${letter}:`))?.slice(2) ?? '';
    const digest = digestIn(lines, file.path, (path) => {
      const real = files.realPath(path);
      return real.ok ? real.value : null;
    });
    return [
      {
        library: file.soname,
        name,
        version: field('V'),
        architecture: field('A'),
        held: pinned.some((word) => word.startsWith(`${name}=`)),
        owns: digest !== undefined,
        intact: hasDigest(root, file.path, 'sha1', digest ?? null, 'base64'),
      },
    ];
  });
};

/** The lines of a package's paragraph. Taken out alone: all of them would be millions of strings. */
function paragraphOf(name: string, text: string): readonly string[] | undefined {
  const whole = `\n\n${text}\n\n`;
  const at = whole.indexOf(`\nP:${name}\n`);
  if (at < 0) return undefined;
  const start = whole.lastIndexOf('\n\n', at) + 2;
  return whole.slice(start, whole.indexOf('\n\n', at + 1)).split('\n');
}

/** Base64 SHA-1 of the listed file that is `path`; undefined when none is, null without a digest. */
function digestIn(
  lines: readonly string[],
  path: string,
  realPath: (path: string) => string | null,
): string | null | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  let directory = '';
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('F:')) directory = line.slice(2);
    if (line !== `R:${name}` || realPath(`/${directory}/${name}`) !== path) continue;
    const rest = lines.slice(index + 1);
    const end = rest.findIndex((one) => /^[FR]:/.test(one));
    const sum = (end < 0 ? rest : rest.slice(0, end)).find((one) => one.startsWith('Z:Q1'));
    return sum?.slice(4) ?? null;
  }
  return undefined;
}
