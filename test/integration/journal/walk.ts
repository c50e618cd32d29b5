import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';

/** Files larger than this are asked whether they still have holes. */
const SPARSE_FROM = 1_000_000;
/** Devmend's own directories below a home. */
const OWN = ['.local', '.cache', '.config'];

interface Found {
  readonly path: string;
  readonly kind: string;
  readonly facts: string;
  readonly inode: string;
  readonly links: string;
  readonly size: number;
  readonly blocks: number;
  readonly target: string;
}

/**
 * Everything below a directory in words, one entry a line, by system tools and with
 * nothing of Devmend's own reading: type, mode, owner, size, times to the nanosecond,
 * content, link targets, which names are one file, holes, attributes, ACLs,
 * capabilities. Names are bytes (latin1). The
 * times of the directory itself and of those in `without` are left out.
 */
export function walk(directory: string, without: readonly string[] = []): readonly string[] {
  const found = entriesBelow(directory, ['', ...without]);
  const firstName = new Map<string, string>();
  for (const { path, kind, inode } of found)
    if (kind === 'f' && !firstName.has(inode)) firstName.set(inode, path);
  const lines = found.map(
    (entry) =>
      `${JSON.stringify(entry.path)} ${entry.facts} ${JSON.stringify(entry.target)} ${
        entry.kind === 'f' ? ofFile(directory, entry, firstName.get(entry.inode) ?? '') : ''
      }`,
  );
  return [...lines, ...attributesBelow(directory), ...aclsBelow(directory)];
}

function entriesBelow(directory: string, timeless: readonly string[]): readonly Found[] {
  const pruned = OWN.flatMap((name) => ['-path', `./${name}`, '-prune', '-o']);
  const format = '%P\\0%y\\0%m %U:%G\\0%T@\\0%A@\\0%D:%i\\0%n\\0%s\\0%b\\0%l\\0';
  const output = tool('find', ['.', ...pruned, '-printf', format], directory);
  const fields = output.split('\0');
  const found: Found[] = [];
  for (let at = 0; at + 10 <= fields.length; at += 10) {
    const [path = '', kind = '', owner = '', changed = '', read = ''] = fields.slice(at, at + 5);
    const [inode = '', links = '', size = '', blocks = '', target = ''] = fields.slice(at + 5);
    const times = timeless.includes(path) ? '' : kind === 'f' ? `${changed} read ${read}` : changed;
    const facts = `${kind} ${owner} ${times}`;
    found.push({
      path,
      kind,
      facts,
      inode,
      links,
      size: Number(size),
      blocks: Number(blocks),
      target,
    });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function ofFile(directory: string, entry: Found, firstName: string): string {
  const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(entry.path, 'latin1')]);
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOATIME);
  try {
    const digest = createHash('sha256').update(readFileSync(handle)).digest('hex');
    const holes = entry.size > SPARSE_FROM && entry.blocks * 512 < entry.size / 2;
    return `${entry.size} ${digest} ${entry.links} links, as ${JSON.stringify(firstName)}${holes ? ' holes' : ''}`;
  } finally {
    closeSync(handle);
  }
}

function attributesBelow(directory: string): readonly string[] {
  const args = ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '--', '.'];
  return blocks(tool('getfattr', args, directory));
}

function aclsBelow(directory: string): readonly string[] {
  return blocks(tool('getfacl', ['-R', '-P', '-n', '--', '.'], directory));
}

function blocks(output: string): readonly string[] {
  const own = new RegExp(
    `^# file: (?:\\./)?(?:${OWN.map((name) => `\\${name}`).join('|')})(?:/|\n|$)`,
  );
  return output
    .split('\n\n')
    .filter((block) => block !== '' && !own.test(block))
    .sort();
}

function tool(name: string, args: readonly string[], directory: string): string {
  return execFileSync(name, args, {
    cwd: directory,
    encoding: 'latin1',
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** The same without access times, which a mere reader changes. */
export function unread(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/ read -?\d+\.\d+/u, ''));
}
