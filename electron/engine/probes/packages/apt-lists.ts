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
  const look = (text: Buffer, last: boolean): void => {
    for (const head of heads) {
      for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, at + 1)) {
        const end = text.indexOf('\n\n', at + 1);
        if (end < 0 && !last) continue;
        const stanza = text.toString('utf8', at + 1, end < 0 ? undefined : end);
        found.set(stanza, parseParagraph(stanza));
      }
    }
  };
  const text = new SlidingText();
  for await (const block of unpack(bytes.value)) {
    for (let at = 0; at < block.length; at += PART) {
      text.add(block.subarray(at, at + PART));
      if (performance.now() > until) throw new OutOfTime('the lists are long');
      if (!text.isFull()) continue;
      look(text.content(), false);
      text.slide();
      // Several versions of a package stand together, and a list has each name in one place.
      const seen = new Set([...found.values()].map((fields) => fields.get('package')));
      if (names.every((name) => seen.has(name))) return [...found.values()];
    }
  }
  look(text.content(), true);
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

/** The part of a list that is looked at, in one buffer for all of it; it begins with a line's end. */
class SlidingText {
  private readonly bytes = Buffer.alloc(OVERLAP + 2 * PART, '\n');
  private length = 1;

  /** At most PART bytes, while it is not full. */
  add(part: Uint8Array): void {
    this.bytes.set(part, this.length);
    this.length += part.length;
  }

  isFull(): boolean {
    return this.length >= OVERLAP + PART;
  }

  content(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** A stanza may go on in the next part; one seen twice is one. */
  slide(): void {
    const from = Math.max(0, this.length - OVERLAP);
    this.bytes.copyWithin(0, from, this.length);
    this.length -= from;
  }
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
