import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';

/** Names that break tools which think in words, lines or UTF-8, and the longest there are. */
const name = fc.oneof(
  fc.constantFrom(
    '-rf',
    'a b',
    'new\nline',
    "it's",
    '"quoted"',
    '*',
    '$HOME',
    'ü',
    '.hidden',
    '\\',
  ),
  fc.constantFrom('trailing ', ' leading', 'tab\t', 'n'.repeat(255), '\u0001', '...'),
  fc.constantFrom('latin1:\xff\xfeA', 'latin1:\xc3', `latin1:${'\x80'.repeat(255)}`),
);

/** One entry of a random tree; `inside` is the directory made before that it goes into. */
const entry = fc.record({
  name,
  inside: fc.nat(5),
  kind: fc.constantFrom(
    'file',
    'file',
    'sparse',
    'link',
    'directory',
    'directory',
    'hard-link',
    'outside-link',
    'pipe',
    'socket',
    'device',
    'program',
  ),
  mode: fc.constantFrom(0o644, 0o755, 0o600, 0o444, 0o4755, 0o2750, 0o1777, 0o000, 0o555),
  owner: fc.constantFrom(0, 1000, 65534),
  seconds: fc.integer({ min: 0, max: 2_000_000_000 }),
  extra: fc.constantFrom('none', 'attribute', 'acl', 'default-acl', 'capability', 'trusted'),
  content: fc.uint8Array({ maxLength: 300 }),
});
export const treeEntries = fc.array(entry, { maxLength: 9 });
export type TreeEntries = typeof treeEntries extends fc.Arbitrary<infer T> ? T : never;
type Entry = TreeEntries[number];

/**
 * Makes the entries in `tree`, which is made too. `outside` is a file beside it for
 * hard links that lead out. What cannot be made there twice is left out.
 */
export function makeTree(tree: string, outside: string, entries: TreeEntries): void {
  mkdirSync(tree);
  writeFileSync(`${tree}/first`, 'first');
  const directories = [Buffer.from(tree)];
  const made: { path: Buffer; one: Entry }[] = [];
  for (const one of entries) {
    const parent = directories[one.inside % directories.length] ?? Buffer.from(tree);
    const path = Buffer.concat([parent, Buffer.from('/'), nameOf(one)]);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    create(path, one, tree, outside);
    if (one.kind === 'directory') directories.push(path);
    made.push({ path, one });
  }
  // Innermost and last made first: making something changes the directory it is in.
  for (const { path, one } of made.reverse()) decorate(path, one);
}

/** Made under a plain name and then renamed: tools take names as text, and a socket's is short. */
function makeSpecial(path: Buffer, kind: 'pipe' | 'socket' | 'device', beside: string): void {
  if (kind === 'pipe') execFileSync('mkfifo', [beside]);
  if (kind === 'device') execFileSync('mknod', [beside, 'c', '1', '3']);
  // A listener that is killed leaves its name behind.
  const listen =
    "require('net').createServer().listen('s',()=>process.kill(process.pid,'SIGKILL'))";
  if (kind === 'socket') {
    mkdirSync(beside);
    spawnSync(process.execPath, ['-e', listen], { cwd: beside });
    renameSync(`${beside}/s`, path);
    rmdirSync(beside);
    return;
  }
  renameSync(beside, path);
}

function nameOf(one: Entry): Buffer {
  const bytes = one.name.startsWith('latin1:');
  return bytes ? Buffer.from(one.name.slice(7), 'latin1') : Buffer.from(one.name);
}

function create(path: Buffer, one: Entry, tree: string, outside: string): void {
  switch (one.kind) {
    case 'link':
      symlinkSync(Buffer.from('../nowhere\n\xff', 'latin1'), path);
      return;
    case 'directory':
      mkdirSync(path);
      return;
    case 'hard-link':
      linkSync(`${tree}/first`, path);
      return;
    case 'outside-link':
      linkSync(outside, path);
      return;
    case 'pipe':
    case 'socket':
    case 'device':
      makeSpecial(path, one.kind, `${tree}.special`);
      return;
    case 'program':
      copyFileSync('/usr/bin/true', path);
      return;
    default:
      writeFileSync(path, one.content);
      if (one.kind === 'sparse') truncateSync(path, 4_000_000);
  }
}

function decorate(path: Buffer, one: Entry): void {
  const { kind, seconds, extra, owner } = one;
  if (kind === 'link') {
    lutimesSync(path, seconds, seconds + 0.5);
    return;
  }
  if (kind !== 'hard-link' && kind !== 'outside-link') {
    chownSync(path, owner, owner);
    chmodSync(path, one.mode);
    // Attributes user.* are for files and directories only (xattr(7)).
    const special = kind === 'pipe' || kind === 'socket' || kind === 'device';
    if (extra === 'attribute' && !special) run(path, 'setfattr', '-n', 'user.x', '-v', 'a b\n');
    if (extra === 'trusted') run(path, 'setfattr', '-n', 'trusted.x', '-v', '1');
    if (extra === 'acl') run(path, 'setfacl', '-m', 'u:daemon:rwx,g:1234:r');
    if (extra === 'default-acl' && kind === 'directory')
      run(path, 'setfacl', '-d', '-m', 'u:daemon:rx');
    if (extra === 'capability' && (kind === 'file' || kind === 'program'))
      run(path, 'setcap', 'cap_net_raw+ep');
  }
  utimesSync(path, seconds, seconds + 0.25);
}

/** Arguments are text in Node; find hands names over that are none. */
function run(path: Buffer, ...command: readonly string[]): void {
  const parent = path.subarray(0, path.lastIndexOf(0x2f)).toString('latin1');
  const inode = String(lstatSync(path).ino);
  const top = parent.split('/').slice(0, 5).join('/');
  execFileSync('find', [top, '-xdev', '-inum', inode, '-exec', ...command, '{}', ';']);
}
