import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { hostMachine } from '../../electron/engine/host.ts';
import { configuredArchives } from '../../electron/engine/sandbox/apt-sources.ts';
import { unpackDeb } from '../../electron/engine/sandbox/deb.ts';
import { loadKeyring } from '../../electron/engine/sandbox/keyring.ts';
import { loadIndex, obtainPackage } from '../../electron/engine/sandbox/package-index.ts';
import { openRelease } from '../../electron/engine/sandbox/release.ts';
import { Unpacking } from '../../electron/engine/sandbox/unpacking.ts';
import { testCacheDirectory } from '../fixtures/test-cache.ts';

const ARM = process.arch === 'arm64';
const LIBRARIES = `/lib/${ARM ? 'aarch64' : 'x86_64'}-linux-gnu`;
const LOADER = ARM ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';

/** Files of this system, by the name that they have as seeds. */
const REAL: Readonly<Record<string, string>> = {
  ls: '/bin/ls',
  true: '/bin/true',
  bash: '/bin/bash',
  patchelf: '/usr/bin/patchelf',
  readelf: '/usr/bin/readelf',
  loader: LOADER,
  'libc.so.6': `${LIBRARIES}/libc.so.6`,
  'libm.so.6': `${LIBRARIES}/libm.so.6`,
  'libz.so.1': `${LIBRARIES}/libz.so.1`,
  'libgcc_s.so.1': `${LIBRARIES}/libgcc_s.so.1`,
  'libselinux.so.1': `${LIBRARIES}/libselinux.so.1`,
  'libstdc++.so.6': `/usr${LIBRARIES}/libstdc++.so.6`,
};

const MAIN = 'int main(void) { return 0; }\n';
const LIBRARY = 'int fuzz(void) { return 7; }\nint other(void) { return fuzz(); }\n';
const VERSIONS = 'FUZZ_1 { global: fuzz; };\nFUZZ_2 { global: other; local: *; } FUZZ_1;\n';

/** Files that the compilers make: name, source, compiler and its arguments. */
const MADE: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['static', MAIN, 'gcc', ['-static']],
  ['static-pie', MAIN, 'gcc', ['-static-pie']],
  ['fixed-address', MAIN, 'gcc', ['-no-pie', '-Wl,--hash-style=sysv']],
  ['musl', MAIN, 'musl-gcc', []],
  ['search-path', MAIN, 'gcc', ['-Wl,-rpath,$ORIGIN/../$LIB:/opt/a:', '-Wl,--disable-new-dtags']],
  ['libversions.so', LIBRARY, 'gcc', ['-shared', '-fPIC', '-Wl,--version-script=versions.map']],
  ['object-file', MAIN, 'gcc', ['-c']],
  ...(ARM
    ? []
    : ([['lib32.so', LIBRARY, 'gcc', ['-m32', '-shared', '-fPIC', '-nostdlib']]] as const)),
];

/** Makes the seeds: 22 real ELF files, loader caches and packages, and what targets need beside. */
export async function prepareSeeds(): Promise<{
  readonly directory: string;
  readonly remove: () => void;
}> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-seeds-'));
  const at = (...parts: string[]): string => path.join(directory, ...parts);
  for (const kind of ['elf', 'cache', 'deb', 'support']) fs.mkdirSync(at(kind));
  for (const [name, file] of Object.entries(REAL)) fs.copyFileSync(file, at('elf', name));
  fs.writeFileSync(at('support', 'versions.map'), VERSIONS);
  for (const [name, source, compiler, args] of MADE)
    compile(directory, at('elf', name), source, compiler, args);
  const go = execFileSync('go', ['env', 'GOTOOLDIR'], { encoding: 'utf8' }).trim();
  fs.copyFileSync(path.join(go, 'buildid'), at('elf', 'go'));
  fs.writeFileSync(at('elf', 'no-sections'), withoutSections(fs.readFileSync('/bin/true')));
  fs.copyFileSync(await bigEndianLibrary(), at('elf', 'libz-big-endian.so.1'));
  makeCaches(at('cache'));
  makePackages(directory);
  fs.copyFileSync(LOADER, at('support', 'loader'));
  compile(directory, at('support', 'libfuzz.so'), LIBRARY, 'gcc', ['-shared', '-fPIC']);
  const needs = 'int fuzz(void);\nint main(void) { return fuzz(); }\n';
  compile(directory, at('support', 'needs-libfuzz'), needs, 'gcc', ['-L.', '-lfuzz']);
  return { directory, remove: () => fs.rmSync(directory, { recursive: true, force: true }) };
}

function compile(
  directory: string,
  output: string,
  source: string,
  compiler: string,
  args: readonly string[],
): void {
  const cwd = path.join(directory, 'support');
  fs.writeFileSync(path.join(cwd, 'source.c'), source);
  execFileSync(compiler, ['-o', output, 'source.c', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** As `sstrip` leaves it: no section headers, and nothing behind the last segment. */
function withoutSections(bytes: Buffer): Buffer {
  const table = Number(bytes.readBigUInt64LE(40));
  const stripped = Buffer.from(bytes.subarray(0, table));
  stripped.writeBigUInt64LE(0n, 40);
  stripped.fill(0, 58, 64);
  return stripped;
}

/** zlib of Debian 12 for IBM Z, big-endian: from the mirror that apt uses, checked, kept. */
async function bigEndianLibrary(): Promise<string> {
  const kept = path.join(testCacheDirectory(), 'fuzz', 'libz-s390x.so.1');
  if (fs.existsSync(kept)) return kept;
  const machine = hostMachine({
    environment: { ...process.env, XDG_CACHE_HOME: path.dirname(testCacheDirectory()) },
  });
  const job = { emit: () => undefined, signal: new AbortController().signal };
  const context = { machine, job, keyring: await loadKeyring(null) };
  const [archive] = await configuredArchives('/');
  if (archive === undefined) throw new Error('apt has no mirror');
  const release = await openRelease(
    { kind: 'archive', address: archive.href },
    'bookworm',
    context,
  );
  const entry = release && (await loadIndex(release, 's390x', context)).get('zlib1g');
  if (!release || !entry) throw new Error('the mirror has no zlib1g for s390x');
  const file = await obtainPackage(release.source, entry, context);
  const into = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-s390x-'));
  try {
    const select = (name: string): string | null =>
      /\/libz\.so\.1\.[\d.]+$/.test(name) ? 'libz.so.1' : null;
    const unpacking = new Unpacking(into, { select, durable: false });
    await unpackDeb(file, unpacking, { limit: 1 << 26, signal: job.signal });
    fs.mkdirSync(path.dirname(kept), { recursive: true });
    fs.copyFileSync(path.join(into, 'libz.so.1'), `${kept}.${process.pid}`);
    fs.renameSync(`${kept}.${process.pid}`, kept);
    return kept;
  } finally {
    fs.rmSync(into, { recursive: true, force: true });
  }
}

/** The cache in each format that ldconfig writes, and in the other byte order. */
function makeCaches(directory: string): void {
  for (const format of ['new', 'compat', 'old']) {
    const file = path.join(directory, format);
    execFileSync('/sbin/ldconfig', ['-X', '-c', format, '-C', file], { stdio: 'ignore' });
  }
  fs.writeFileSync(
    path.join(directory, 'big-endian'),
    bigEndianCache(fs.readFileSync(path.join(directory, 'new'))),
  );
}

/** Header and entries of a new-format cache, each number turned round (elf/dl-cache.h). */
function bigEndianCache(bytes: Buffer): Buffer {
  const turned = Buffer.from(bytes);
  const count = bytes.readUInt32LE(20);
  const turn = (at: number): void => void turned.writeUInt32BE(bytes.readUInt32LE(at), at);
  for (const at of [20, 24, 32]) turn(at);
  turned[28] = 3;
  for (let index = 0; index < count; index += 1) {
    const at = 48 + index * 24;
    for (const add of [0, 4, 8, 12]) turn(at + add);
    turned.writeBigUInt64BE(bytes.readBigUInt64LE(at + 16), at + 16);
  }
  return turned;
}

/** One small package in each compression that dpkg-deb writes. */
function makePackages(directory: string): void {
  const tree = path.join(directory, 'support', 'package');
  fs.mkdirSync(path.join(tree, 'DEBIAN'), { recursive: true });
  fs.mkdirSync(path.join(tree, 'usr/lib'), { recursive: true });
  const control =
    'Package: fuzz\nVersion: 1:2.3~rc1-4\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: seed\n';
  fs.writeFileSync(path.join(tree, 'DEBIAN/control'), control);
  fs.writeFileSync(path.join(tree, 'usr/lib/libfuzz.so.1'), 'seed '.repeat(200));
  fs.linkSync(path.join(tree, 'usr/lib/libfuzz.so.1'), path.join(tree, 'usr/lib/hard'));
  fs.symlinkSync('libfuzz.so.1', path.join(tree, 'usr/lib/libfuzz.so'));
  fs.writeFileSync(
    path.join(tree, `usr/lib/${'long'.repeat(40)}`),
    'a name that needs two entries',
  );
  for (const compression of ['none', 'gzip', 'xz', 'zstd']) {
    const file = path.join(directory, 'deb', `${compression}.deb`);
    execFileSync('dpkg-deb', ['-b', `-Z${compression}`, '--root-owner-group', tree, file], {
      stdio: 'ignore',
    });
  }
}
