import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { hostMachine } from '../../../electron/engine/host.ts';
import { compareLibc } from '../../../electron/engine/inspect/libc-change.ts';
import { matrixOf } from '../../../electron/engine/inspect/matrix.ts';
import type { JobContext } from '../../../electron/engine/job.ts';
import type { Machine } from '../../../electron/engine/machine.ts';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import { libcChangeReportSchema, type LibcChangeReport } from '../../../shared/libc-change.ts';
import { matrixReportSchema } from '../../../shared/matrix.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { fetchLibc6 } from '../../fixtures/libc6-deb.ts';

const job: JobContext = { emit: () => undefined, signal: new AbortController().signal };
const isArm = process.arch === 'arm64';
const architecture = isArm ? 'arm64' : 'amd64';

let work = '';
let machine: Machine;
let snapshot: Snapshot;
const debs: Record<string, string> = {};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'devmend-another-glibc-'));
  const host = hostMachine();
  machine = { ...host, directories: { ...host.directories, cache: join(work, 'cache') } };
  const source = join(work, 'threads.c');
  // On glibc 2.34 and newer, start and threads are both of the new version.
  writeFileSync(
    source,
    '#include <pthread.h>\nstatic void *f(void *x){return x;}\nint main(void){pthread_t t;return pthread_create(&t,0,f,0);}\n',
  );
  execFileSync('gcc', ['-o', join(work, 'threads'), source, '-lpthread']);
  execFileSync('gcc', ['-static', '-o', join(work, 'threads-static'), source, '-lpthread']);
  snapshot = await runProbes(
    machine,
    { programs: [join(work, 'threads'), join(work, 'threads-static')] },
    job,
  );
  for (const suite of ['bullseye', 'bookworm', 'trixie']) debs[suite] = await fetchLibc6(suite);
}, 300_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

async function compare(target: string): Promise<LibcChangeReport> {
  const answer = await compareLibc(machine, snapshot, target, job);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return libcChangeReportSchema.parse(answer.value);
}

describe('another glibc', () => {
  it('an older .deb would stop a program: named with __libc_start_main@GLIBC_2.34', async () => {
    const report = await compare(debs['bullseye'] ?? '');
    expect(report).toMatchObject({ direction: 'downgrade', to: { release: '2.31' } });
    expect(report.to.packageVersion).toMatch(/^2\.31-/);
    const entry = report.programs.find(({ path }) => path === join(work, 'threads'));
    expect(entry).toMatchObject({ before: 'starts', after: 'fails' });
    expect(entry?.because[0]).toMatchObject({ library: 'libc.so.6', version: 'GLIBC_2.34' });
    expect(entry?.because[0]?.symbols).toContain('__libc_start_main');
    expect(entry?.reason.params['what']).toBe('__libc_start_main@GLIBC_2.34');
    const libc = report.libraries.find(({ soname }) => soname === 'libc.so.6');
    expect(libc?.lost).toContain('GLIBC_2.34');
    expect(libc?.lostSymbols).toContain('close_range@GLIBC_2.34');
    // libpthread's functions have moved into libc: with either glibc they are there.
    expect(report.libraries.flatMap(({ lostSymbols }) => lostSymbols)).not.toContain(
      'pthread_create@GLIBC_2.2.5',
    );
  });

  it('a newer one stops nothing, and says what it brings', async () => {
    const report = await compare(debs['trixie'] ?? '');
    expect(report).toMatchObject({ direction: 'upgrade', to: { release: '2.41' } });
    expect(report.programs.filter(({ after }) => after === 'fails')).toEqual([]);
    expect(report.libraries[0]?.gained).toContain('GLIBC_2.38');
  });

  it('a libc that does not state its release is told by the versions that it defines', async () => {
    const silent = async (suite: string): Promise<LibcChangeReport> => {
      const directory = mkdtempSync(join(work, 'silent-'));
      execFileSync('dpkg-deb', ['--extract', debs[suite] ?? '', directory]);
      const found = execFileSync('find', [directory, '-name', 'libc.so.6']).toString().trim();
      const bytes = readFileSync(found);
      bytes.fill('-', bytes.indexOf('GNU C Library '), bytes.indexOf('GNU C Library ') + 14);
      const alone = mkdtempSync(join(work, 'alone-'));
      writeFileSync(join(alone, 'libc.so.6'), bytes);
      return compare(alone);
    };
    const older = await silent('bullseye');
    expect(older).toMatchObject({ direction: 'downgrade', to: { release: null } });
    expect(older.libraries[0]?.lost).toContain('GLIBC_2.34');
    expect(await silent('trixie')).toMatchObject({ direction: 'upgrade', to: { release: null } });
    // The same versions, but perhaps not the same release: only the same build is known to be.
    const own = snapshot.probes.libc.data?.libc?.path ?? '';
    const bytes = readFileSync(own);
    bytes.fill('-', bytes.indexOf('GNU C Library '), bytes.indexOf('GNU C Library ') + 14);
    const directory = mkdtempSync(join(work, 'own-'));
    writeFileSync(join(directory, 'libc.so.6'), bytes);
    expect(await compare(directory)).toMatchObject({ direction: 'same' });
    const { buildId } = (await compare(directory)).to;
    const id = Buffer.from(buildId ?? '', 'hex');
    bytes.fill(0x11, bytes.indexOf(id), bytes.indexOf(id) + id.length);
    writeFileSync(join(directory, 'libc.so.6'), bytes);
    expect(await compare(directory)).toMatchObject({ direction: 'unknown' });
  });

  it('leaves nothing behind, and refuses what holds no C library', async () => {
    expect(readdirSync(join(work, 'cache')).filter((name) => name.startsWith('compare-'))).toEqual(
      [],
    );
    for (const target of [join(work, 'threads'), join(work, 'cache')]) {
      const answer = await compareLibc(machine, snapshot, target, job);
      expect(answer).toMatchObject({ ok: false, error: { code: 'no-c-library' } });
    }
    const damaged = join(work, 'damaged.deb');
    writeFileSync(damaged, '!<arch>\nnothing of the kind');
    const answer = await compareLibc(machine, snapshot, damaged, job);
    expect(answer).toMatchObject({ ok: false, error: { code: 'source-unsafe-archive' } });
  });
});

describe('the matrix', () => {
  it('says of Debian 11, 12 and 13 what the loader simulation says with their real libc6', () => {
    const report = matrixReportSchema.parse(matrixOf(snapshot));
    const row = report.rows.find(({ path }) => path === join(work, 'threads'));
    const verdicts = (['bullseye', 'bookworm', 'trixie'] as const).map((suite) => {
      const root = join(work, suite);
      mkdirSync(root);
      execFileSync('dpkg-deb', ['--extract', debs[suite] ?? '', root]);
      copyFileSync(join(work, 'threads'), join(root, 'threads'));
      // trixie's package relies on /lib being a link, as base-files makes it.
      for (const name of ['lib', 'lib64']) {
        if (!readdirSync(root).includes(name))
          execFileSync('ln', ['-s', `usr/${name}`, join(root, name)]);
      }
      return new LoaderSession(root).simulate('/threads').verdict;
    });
    const cells = ['debian-11', 'debian-12', 'debian-13'].map(
      (id) => row?.cells.find(({ system }) => system === id)?.verdict,
    );
    expect(verdicts).toEqual(['fails', 'starts', 'starts']);
    expect(cells).toEqual(['fails', 'runs', 'runs']);
    expect(row?.glibcFloor).toBe('2.34');
  });

  it('lets a static program run everywhere, and a glibc program nowhere that has musl', () => {
    const report = matrixOf(snapshot);
    const cellsOf = (name: string, id: RegExp): (string | undefined)[] =>
      (report.rows.find(({ path }) => path === join(work, name))?.cells ?? [])
        .filter(({ system }) => id.test(system))
        .map(({ verdict }) => verdict);
    expect(new Set(cellsOf('threads-static', /./))).toEqual(new Set(['runs']));
    expect(new Set(cellsOf('threads', /^alpine-/))).toEqual(new Set(['fails']));
    expect(cellsOf('threads', /^this-machine$/)).toEqual(['runs']);
  });
});

describe('the packages probe on this machine', () => {
  it('names the package of the C library, its version and that the file is its own', () => {
    const { data } = snapshot.probes.packages;
    const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', `libc6:${architecture}`])
      .toString()
      .trim();
    expect(data?.manager).toBe('dpkg');
    expect(data?.packages.find(({ library }) => library === 'libc.so.6')).toMatchObject({
      name: 'libc6',
      version,
      owns: true,
      intact: true,
    });
    expect(data?.libcFile?.banner).toContain(version);
  });
});
