import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  listDirectoryInRoot,
  openInRoot,
  readFileInRoot,
  resolveInRoot,
} from '../../../electron/engine/rootfs.ts';

const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-root-')));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

fs.mkdirSync(path.join(root, 'usr/lib/deep'), { recursive: true });
fs.mkdirSync(path.join(root, 'etc'));
fs.writeFileSync(path.join(root, 'usr/lib/deep/file'), 'inside');
fs.writeFileSync(path.join(root, 'etc/passwd'), 'root of the root');
const links: readonly (readonly [string, string])[] = [
  ['lib', 'usr/lib'],
  ['absolute', '/usr/lib/deep/file'],
  ['escape', '../../../../../../etc/passwd'],
  ['usr/lib/up', '../../etc'],
  ['loop-a', 'loop-b'],
  ['loop-b', 'loop-a'],
  ['dangling', '/no/where'],
  ['through', 'usr/lib/deep/file/more'],
];
for (const [name, target] of links) {
  fs.symlinkSync(target, path.join(root, name));
}

function inner(file: string): string {
  const resolved = resolveInRoot(root, file);
  return resolved.ok ? resolved.value.innerPath : resolved.error.code;
}

describe('a path inside a root', () => {
  test.each([
    ['/lib/deep/file', '/usr/lib/deep/file'],
    ['lib/deep/file', '/usr/lib/deep/file'],
    ['/absolute', '/usr/lib/deep/file'],
    ['/escape', '/etc/passwd'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/lib/up/passwd', '/etc/passwd'],
    ['/usr/lib/./deep//', '/usr/lib/deep'],
    ['/', '/'],
    ['/loop-a', 'link-loop'],
    ['/dangling', 'dangling-link'],
    ['/missing', 'not-found'],
    ['/missing/more', 'not-found'],
    ['/etc/passwd/more', 'not-a-directory'],
    ['/through', 'not-a-directory'],
  ])('%s leads to %s', (file, expected) => {
    expect(inner(file)).toBe(expected);
  });

  test('40 links are followed, 41 are a loop', () => {
    fs.symlinkSync('etc/passwd', path.join(root, 'chain0'));
    for (let index = 1; index < 41; index += 1) {
      fs.symlinkSync(`chain${index - 1}`, path.join(root, `chain${index}`));
    }
    expect(inner('/chain39')).toBe('/etc/passwd');
    expect(inner('/chain40')).toBe('link-loop');
  });

  test('the host path names the same file for this process', () => {
    const resolved = resolveInRoot(root, '/escape');
    expect(resolved.ok && fs.readFileSync(resolved.value.hostPath, 'utf8')).toBe(
      'root of the root',
    );
  });
});

describe('the running system', () => {
  test('answers as realpath does', () => {
    const link = path.join(root, 'absolute-host');
    fs.symlinkSync(path.join(root, 'etc'), link);
    const resolved = resolveInRoot('/', path.join(link, 'passwd'));
    expect(resolved.ok && resolved.value).toMatchObject({
      hostPath: path.join(root, 'etc/passwd'),
      innerPath: path.join(root, 'etc/passwd'),
    });
  });

  test.each([
    ['loop-a', 'link-loop'],
    ['dangling', 'dangling-link'],
    ['nothing', 'not-found'],
    ['etc/passwd/x', 'not-a-directory'],
  ])('%s is %s', (name, code) => {
    expect(resolveInRoot('/', path.join(root, name))).toMatchObject({ ok: false, error: { code } });
  });
});

describe('reading', () => {
  test('a file, a link to it, and the limit', () => {
    const bytes = readFileInRoot(root, '/absolute');
    expect(bytes.ok && bytes.value.toString()).toBe('inside');
    expect(readFileInRoot(root, '/absolute', 3)).toMatchObject({ error: { code: 'too-large' } });
    expect(readFileInRoot('/', '/proc/self/status').ok).toBe(true);
  });

  test('directories, FIFOs and missing files are values; a FIFO does not block', () => {
    execFileSync('mkfifo', [path.join(root, 'fifo')]);
    expect(openInRoot(root, '/etc')).toMatchObject({ error: { code: 'not-a-file' } });
    expect(openInRoot(root, '/fifo')).toMatchObject({ error: { code: 'not-a-file' } });
    expect(openInRoot(root, '/none')).toMatchObject({ error: { code: 'not-found' } });
    expect(openInRoot('/', path.join(root, 'fifo'))).toMatchObject({ ok: false });
  });

  test('a directory lists names in order with their kinds', () => {
    const entries = listDirectoryInRoot(root, '/lib');
    expect(entries.ok && entries.value).toEqual([
      { name: 'deep', kind: 'directory' },
      { name: 'up', kind: 'link' },
    ]);
    expect(listDirectoryInRoot(root, '/etc/passwd')).toMatchObject({
      error: { code: 'not-a-directory' },
    });
  });
});
