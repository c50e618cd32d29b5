import { basename, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { repository, run } from './console.mjs';

const { libraries } = JSON.parse(
  readFileSync(join(repository, 'build/system-packages.json'), 'utf8'),
);

/** Which release of GCC brought a version of libstdc++ (its manual, “ABI Policy and Guidelines”). */
const gccOf = {
  'GLIBCXX_3.4.20': '4.9',
  'GLIBCXX_3.4.21': '5.2',
  'GLIBCXX_3.4.22': '6',
  'GLIBCXX_3.4.23': '7',
  'GLIBCXX_3.4.24': '7',
  'GLIBCXX_3.4.25': '8',
  'GLIBCXX_3.4.26': '9',
  'GLIBCXX_3.4.27': '9',
  'GLIBCXX_3.4.28': '9',
  'GLIBCXX_3.4.29': '11',
  'GLIBCXX_3.4.30': '12',
  'GLIBCXX_3.4.31': '13',
  'GLIBCXX_3.4.32': '13',
  'GLIBCXX_3.4.33': '14',
};

const byVersion = (a, b) => a.localeCompare(b, 'en', { numeric: true });

/**
 * The `Depends` of a directory of programs, read out of them by Devmend's own ELF
 * reader: every DT_NEEDED that the directory does not bring itself, as the package
 * that does; glibc and libstdc++ with the newest version that is asked for.
 */
export async function dependsOf(directory) {
  const { code, stdout, output } = await run(process.execPath, [
    join(repository, 'dist/cli.js'),
    'elf',
    directory,
    '--json',
  ]);
  if (code !== 0) throw new Error(output.trim());
  const files = JSON.parse(stdout).files.filter(({ error }) => error === null);
  const own = new Set(files.flatMap(({ path, soname }) => [basename(path), soname]));
  const needed = new Set(files.flatMap((file) => file.needed).filter((soname) => !own.has(soname)));
  const versions = files
    .flatMap(({ versionNeeds }) => versionNeeds)
    .flatMap((need) => need.versions);
  const names = [...new Set(versions.map(({ name }) => name))];
  const clauses = [...needed].map((soname) => clause(soname, names));
  return [...new Set(clauses)].sort();
}

function clause(soname, versions) {
  const packages = libraries[soname];
  if (packages === undefined)
    throw new Error(`No package is known for ${soname}; add it to build/system-packages.json.`);
  const atLeast = minimum(packages[0], versions);
  return packages.map((name) => (atLeast ? `${name} (>= ${atLeast})` : name)).join(' | ');
}

function minimum(name, versions) {
  if (name === 'libc6') return newest(versions, /^GLIBC_(\d[\d.]*)$/);
  if (name !== 'libstdc++6') return null;
  const release = newest(versions, /^(GLIBCXX_3\.4\.\d+)$/);
  return release === null ? null : (gccOf[release] ?? null);
}

function newest(versions, pattern) {
  const found = versions.flatMap((version) => pattern.exec(version)?.[1] ?? []);
  return found.sort(byVersion).at(-1) ?? null;
}
