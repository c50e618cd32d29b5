import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianSuites } from '../data/debian-suites.ts';
import { parseParagraphs } from './control.ts';

const APT = 'etc/apt';
const KNOWN = new Set<string>(debianSuites.map(({ suite }) => suite));
const ALIASES = new Set(['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable']);

interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/**
 * The Debian archives a machine is set up to use, in the order of its
 * configuration (sources.list(5), both formats), without duplicates. An entry
 * counts as Debian's when it names one of Debian's own suites and `main`;
 * whether it really is, the signature decides later. Only `http`, `https` and
 * `file` addresses without credentials are answered.
 */
export async function configuredArchives(root: string): Promise<URL[]> {
  const found = new Map<string, URL>();
  for (const source of await readSources(join(root, APT))) {
    if (!source.components.includes('main')) continue;
    if (!source.suites.some((suite) => KNOWN.has(suite) || ALIASES.has(suite))) continue;
    for (const uri of source.uris) {
      const address = archiveAddress(uri);
      if (address !== null && !found.has(address.href)) found.set(address.href, address);
    }
  }
  return [...found.values()];
}

/** An archive's base address, with a slash at its end; null when it is none Devmend can use. */
export function archiveAddress(text: string): URL | null {
  let address: URL;
  try {
    address = new URL(text.endsWith('/') ? text : `${text}/`);
  } catch {
    return null;
  }
  const usable = ['http:', 'https:', 'file:'].includes(address.protocol);
  const bare = address.username === '' && address.search === '' && address.hash === '';
  return usable && bare ? address : null;
}

async function readSources(directory: string): Promise<AptSource[]> {
  const parts = join(directory, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [])).sort();
  const sources: AptSource[] = parseOneLine(await readText(join(directory, 'sources.list')));
  for (const name of names) {
    // apt reads only names of this form (sources.list(5)).
    if (!/^[A-Za-z0-9_.-]+\.(list|sources)$/.test(name)) continue;
    const text = await readText(join(parts, name));
    sources.push(...(name.endsWith('.list') ? parseOneLine(text) : parseDeb822(text)));
  }
  return sources;
}

async function readText(path: string): Promise<string> {
  // A file that cannot be read is one mirror fewer, not a failure.
  return await readFile(path, 'utf8').catch(() => '');
}

function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const bare = withoutOptions(line.replace(/#.*/, ''));
    const [type, uri, suite, ...components] = bare.trim().split(/\s+/);
    if (type !== 'deb' || uri === undefined || suite === undefined) return [];
    return [{ uris: [uri], suites: [suite], components }];
  });
}

/** By hand: `\[[^\]]*\]` takes quadratic time on a line of nothing but `[`. */
function withoutOptions(line: string): string {
  const open = line.indexOf('[');
  const close = line.indexOf(']', open);
  return open < 0 || close < 0 ? line : `${line.slice(0, open)} ${line.slice(close + 1)}`;
}

function parseDeb822(text: string): AptSource[] {
  return parseParagraphs(text).flatMap((fields) => {
    const words = (name: string): string[] => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
    const disabled = ['no', 'false', 'off', '0', 'disable'].includes(
      fields.get('enabled') ?? 'yes',
    );
    if (disabled || !words('types').includes('deb')) return [];
    return [{ uris: words('uris'), suites: words('suites'), components: words('components') }];
  });
}
