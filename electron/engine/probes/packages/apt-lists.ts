import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { compareVersions, parseParagraph } from '../../sandbox/control.ts';
import { readFileInRoot } from '../../rootfs.ts';
import { pause } from '../pause.ts';
import { problem } from '../problems.ts';
import type { ProbeProblem } from '../../../../shared/snapshot.ts';
import type { InstalledPackage, PackagedRoot, PackagesData } from './model.ts';
import { lz4Parts } from './lz4.ts';

type Candidate = PackagesData['candidates'][number];

const LISTS = '/var/lib/apt/lists';
/** Debian's main is 50 MB as text, a fifth of that compressed. */
const LARGEST_LIST = 256 * 1024 * 1024;
/** Together they get as long: what is offered is good to know, and no reason to wait. */
const BUDGET_MS = 600;
const OVERLAP = 64 * 1024;

export interface Offered {
  readonly candidates: readonly Candidate[];
  readonly problems: readonly ProbeProblem[];
}

/**
 * Other versions of the installed packages that apt's own lists offer. Nothing is
 * fetched, and pinning is not looked at: these are the versions that could be
 * asked for. Lists that take too long, or are kept in a form that is not read
 * here, are named in `problems`.
 */
export async function aptCandidates(
  root: PackagedRoot,
  installed: readonly InstalledPackage[],
  signal: AbortSignal,
  budgetMs = BUDGET_MS,
): Promise<Offered> {
  const names = [...new Set(installed.map(({ name }) => name))];
  const entries = root.files.list(LISTS);
  if (!entries.ok || names.length === 0) return { candidates: [], problems: [] };
  const lists = entries.value
    .map(({ name }) => name)
    .filter((name) => /_Packages(?:\.[a-z0-9]+)?$/.test(name));
  const found = new Map<string, Candidate>();
  const problems: ProbeProblem[] = [];
  const until = performance.now() + budgetMs;
  for (const list of smallestFirst(lists, root)) {
    await pause(signal);
    try {
      for (const stanza of await stanzasOf(root, list, names, until)) {
        const candidate = candidateOf(stanza, list, installed);
        if (candidate !== null) {
          found.set(`${candidate.name} ${candidate.version} ${candidate.origin}`, candidate);
        }
      }
    } catch (error) {
      const path = `${LISTS}/${list}`;
      const detail = error instanceof Error ? error.message : String(error);
      problems.push(problem(error instanceof OutOfTime ? 'timed-out' : 'malformed', path, detail));
      if (error instanceof OutOfTime) break;
    }
  }
  return { candidates: [...found.values()], problems };
}

/** Those of security and other updates are short, and must not wait behind the whole archive. */
function smallestFirst(lists: readonly string[], { files }: PackagedRoot): readonly string[] {
  const size = (list: string): number => {
    const stat = files.stat(`${LISTS}/${list}`);
    return stat.ok ? stat.value.size : 0;
  };
  const sizes = new Map(lists.map((list) => [list, size(list)]));
  return [...lists].sort((a, b) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0) || (a < b ? -1 : 1));
}

class OutOfTime extends Error {}

/** The stanzas of these packages in one list. */
async function stanzasOf(
  { root }: PackagedRoot,
  list: string,
  names: readonly string[],
  until: number,
): Promise<ReadonlyMap<string, string>[]> {
  const unpack = unpackerOf(list);
  const bytes = readFileInRoot(root, `${LISTS}/${list}`, LARGEST_LIST);
  if (!bytes.ok) throw new RangeError(bytes.error.detail);
  const heads = names.map((name) => Buffer.from(`\nPackage: ${name}\n`));
  const found = new Map<string, ReadonlyMap<string, string>>();
  let rest: Buffer = Buffer.from('\n');
  const look = (part: Buffer, last: boolean): void => {
    const text = Buffer.concat([rest, part]);
    for (const head of heads) {
      for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, at + 1)) {
        const end = text.indexOf('\n\n', at + 1);
        if (end < 0 && !last) continue;
        const stanza = text.toString('utf8', at + 1, end < 0 ? undefined : end);
        found.set(stanza, parseParagraph(stanza));
      }
    }
    // A stanza may go on in the next part; one seen twice is one.
    rest = Buffer.from(text.subarray(Math.max(0, text.length - OVERLAP)));
  };
  for await (const part of partsOf(bytes.value, unpack)) {
    if (performance.now() > until) throw new OutOfTime('the lists are long');
    look(part, false);
    // Several versions of a package stand together, and a list has each name in one place.
    const seen = new Set([...found.values()].map((fields) => fields.get('package')));
    if (names.every((name) => seen.has(name))) return [...found.values()];
  }
  look(Buffer.alloc(0), true);
  return [...found.values()];
}

/** Larger pieces than the blocks they come in: fewer seams to look across. */
const PART = 1024 * 1024;

type Unpacker = (bytes: Buffer) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** How a list is unpacked, by its name: nothing is read of one that would be refused. */
function unpackerOf(list: string): Unpacker {
  const ending = list.slice(list.lastIndexOf('_Packages') + '_Packages'.length);
  switch (ending) {
    case '':
      return (bytes) => [bytes];
    case '.lz4':
      return lz4Parts;
    case '.gz':
      return (bytes) => Readable.from([bytes]).pipe(createGunzip()) as AsyncIterable<Buffer>;
    default:
      throw new RangeError(`${ending} is not read here`);
  }
}

async function* partsOf(bytes: Buffer, unpack: Unpacker): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let size = 0;
  for await (const block of unpack(bytes)) {
    gathered.push(Buffer.from(block));
    size += block.length;
    if (size < PART) continue;
    yield Buffer.concat(gathered);
    gathered = [];
    size = 0;
  }
  yield Buffer.concat(gathered);
}

function candidateOf(
  fields: ReadonlyMap<string, string>,
  list: string,
  installed: readonly InstalledPackage[],
): Candidate | null {
  const name = fields.get('package') ?? '';
  const version = fields.get('version') ?? '';
  const own = installed.find(
    (one) => one.name === name && one.architecture === fields.get('architecture'),
  );
  if (own === undefined || version === '') return null;
  const order = compareVersions(version, own.version);
  if (order === 0) return null;
  return { name, version, origin: suiteOf(list), direction: order > 0 ? 'upgrade' : 'downgrade' };
}

/** `bookworm-security` of `…_dists_bookworm-security_main_binary-amd64_Packages.lz4`. */
function suiteOf(list: string): string {
  return /_dists_([^_]+)_/.exec(list)?.[1] ?? list.replace(/_Packages(?:\..*)?$/, '');
}
