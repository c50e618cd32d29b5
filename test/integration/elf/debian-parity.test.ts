import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dependencyReportSchema, type DependencyReport } from '../../../shared/elf.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { readElf } from '../../../electron/engine/elf/read.ts';
import type { ElfFile } from '../../../electron/engine/elf/types.ts';
import { debianRoot, type DebianSuite } from '../../fixtures/debian-root.ts';
import { askLoader, type LoaderAnswer, type Question } from '../../fixtures/real-loader.ts';
import { bundledCli } from '../cli/harness.ts';

const LOADER = '/lib64/ld-linux-x86-64.so.2';
/** Real directories only: behind /bin, /sbin and /lib lie the same files once more. */
const DIRECTORIES = ['/usr/bin', '/usr/sbin', '/usr/libexec', '/usr/lib', '/usr/lib64'];
const RELEASES: readonly (readonly [number, DebianSuite])[] = [
  [11, 'bullseye'],
  [12, 'bookworm'],
  [13, 'trixie'],
];
const TEN_MINUTES = 600_000;
/** Three roots take a minute and a half on an idle machine, and far longer on a busy one. */
const HALF_AN_HOUR = 1_800_000;

interface Examined {
  readonly file: string;
  readonly elf: ElfFile;
}

type Answers = Readonly<Record<Question, LoaderAnswer>>;

const cli = bundledCli();
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-parity-'));
const roots = new Map<DebianSuite, string>();

beforeAll(async () => {
  const suites = RELEASES.map(([, suite]) => suite);
  const made = await Promise.all(suites.map(debianRoot));
  made.forEach((root, index) => roots.set(suites[index] as DebianSuite, root));
}, HALF_AN_HOUR);

afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

/** Every program and shared library with a dynamic table. */
function dynamicFiles(root: string): readonly Examined[] {
  const examined: Examined[] = [];
  const walk = (directory: string): void => {
    for (const entry of fs.readdirSync(path.join(root, directory), { withFileTypes: true })) {
      const file = `${directory}/${entry.name}`;
      if (entry.isDirectory()) walk(file);
      else if (entry.isFile()) {
        const elf = readElf(path.join(root, file));
        if (elf.ok && elf.value.dynamic !== null) examined.push({ file, elf: elf.value });
      }
    }
  };
  DIRECTORIES.filter((one) => fs.existsSync(path.join(root, one))).forEach(walk);
  return examined;
}

async function askAll(root: string, files: readonly string[]): Promise<(file: string) => Answers> {
  const ask = (question: Question): ReturnType<typeof askLoader> =>
    askLoader(root, LOADER, files, question);
  const list = await ask('list');
  const start = await ask('bind-at-start');
  const all = await ask('bind-all');
  return (file) => {
    const answers = { list: list.get(file), start: start.get(file), all: all.get(file) };
    if (!answers.list || !answers.start || !answers.all) throw new Error(`no answer for ${file}`);
    return { list: answers.list, 'bind-at-start': answers.start, 'bind-all': answers.all };
  };
}

/** What ours and the loader's own answer differ in, by name; empty when they agree. */
function differences(elf: ElfFile, ours: DependencyReport, theirs: Answers): readonly string[] {
  const { list, 'bind-at-start': atStart, 'bind-all': all } = theirs;
  const found: string[] = [];
  const same = (what: string, mine: unknown, real: unknown): void => {
    const [left, right] = [JSON.stringify(mine), JSON.stringify(real)];
    if (left !== right) found.push(`${what}: ours ${left}, the loader ${right}`);
  };
  const missing = ours.missing.map((one) => one.soname);
  const symbols = unique(ours.symbolErrors.map((one) => `${one.symbol} for ${one.requiredBy}`));
  const starts = [atStart.missing, atStart.versions, atStart.symbols].every(
    (one) => one.length === 0,
  );
  same('missing', missing, atStart.missing);
  same('versions', unique(ours.versionErrors.map(describeVersion)), atStart.versions);
  same('verdict', ours.verdict, starts ? 'starts' : 'fails');
  same('unread', [...all.rest, ...atStart.rest].filter(isUnexplained), []);
  if (elf.needed.length === 0) {
    // test/unit/elf/parity-explained.test.ts: "a file that needs nothing …".
    same('statically linked', list.rest.includes('\tstatically linked'), true);
  } else if (missing.length > 0) {
    // The same file: "a library that is missing …".
    same('the status of --list', list.status, 127);
    same('objects', pathsOf(ours), atStart.objects);
  } else {
    same('the status of --list', list.status, 0);
    same('objects', pathsOf(ours), list.objects);
  }
  // The same file: "symbols without a version …".
  if (missing.length === 0) same('symbols', symbols, all.symbols);
  else
    same(
      'symbols',
      symbols.filter((one) => !all.symbols.includes(one)),
      [],
    );
  return found;
}

const isUnexplained = (line: string): boolean => line !== '' && line !== '\tstatically linked';
const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
const pathsOf = (report: DependencyReport): readonly string[] =>
  report.objects.map((one) => one.path);
const describeVersion = (one: DependencyReport['versionErrors'][number]): string =>
  `${one.version} in ${one.path} for ${one.requiredBy}`;

describe.each(RELEASES)('Debian %i (%s)', (release, suite) => {
  test(
    'every program and library: the same paths, order, symbols and verdict as its own ld.so',
    async () => {
      const root = roots.get(suite) ?? '';
      const examined = dynamicFiles(root);
      const answers = await askAll(
        root,
        examined.map((one) => one.file),
      );
      const session = new LoaderSession(root);
      const differing: string[] = [];
      const counts = { programs: 0, libraries: 0, objects: 0, fails: 0 };
      for (const { file, elf } of examined) {
        const ours = session.simulate(file);
        const theirs = answers(file);
        const found = differences(elf, ours, theirs);
        if (found.length > 0) differing.push(`${file}\n  ${found.join('\n  ')}`);
        counts[elf.interpreter === null ? 'libraries' : 'programs'] += 1;
        counts.objects += theirs['bind-at-start'].objects.length;
        counts.fails += ours.verdict === 'fails' ? 1 : 0;
      }
      process.stdout.write(
        `parity: debian ${release}: ${counts.programs} programs, ${counts.libraries} libraries, ` +
          `${counts.objects} objects compared (${counts.fails} files fail for both), ` +
          `${differing.length} differences\n`,
      );
      expect(differing).toEqual([]);
      expect(counts.programs).toBeGreaterThan(300);
      expect(counts.libraries).toBeGreaterThan(700);
      // Modules without their program: were there none, a verdict of "starts" for all would pass.
      expect(counts.fails).toBeGreaterThan(50);
    },
    TEN_MINUTES,
  );

  test('the command says the same as the engine', async () => {
    const root = roots.get(suite) ?? '';
    const session = new LoaderSession(root);
    const examined = dynamicFiles(root);
    const step = Math.floor(examined.length / 10);
    const sample = examined.filter((_, index) => index % step === 0).slice(0, 10);
    expect(sample).toHaveLength(10);
    for (const { file } of sample) {
      const { stdout } = await cli.run(['deps', file, '--root', root, '--json'], { home });
      const report = dependencyReportSchema.parse(JSON.parse(stdout));
      expect(report).toEqual(session.simulate(file));
    }
  });
});

/** A library that says it needs Linux 99, and a program for it, both without libc. */
function newerKernel(directory: string): void {
  const note =
    '__asm__(".pushsection .note.ABI-tag,\\"a\\",@note\\n.align 4\\n.long 4,16,1\\n"' +
    '".asciz \\"GNU\\"\\n.long 0,99,0,0\\n.popsection\\n");\n';
  const build = (name: string, source: string, args: readonly string[]): void => {
    fs.writeFileSync(path.join(directory, `${name}.c`), source);
    const common = ['-nostdlib', '-o', name, `${name}.c`];
    execFileSync('gcc', [...common, ...args], { cwd: directory });
  };
  const place = ['-L.', '-lnote', '-Wl,-rpath,/tmp/note'];
  build('libnote.so', `${note}int f(void) { return 0; }\n`, ['-shared', '-fPIC']);
  build('program', 'int f(void);\nvoid _start(void) { f(); for (;;); }\n', place);
}

test('a library for a newer kernel: passed over by glibc 2.31, taken by 2.36 and 2.41', async () => {
  newerKernel(home);
  const verdicts: string[] = [];
  for (const [, suite] of RELEASES) {
    const root = roots.get(suite) ?? '';
    const place = fs.mkdtempSync(path.join(root, 'tmp', 'note-'));
    const inside = place.slice(root.length);
    fs.cpSync(home, place, { recursive: true });
    try {
      execFileSync('patchelf', ['--set-rpath', inside, path.join(place, 'program')]);
      const [theirs] = (await askLoader(root, LOADER, [`${inside}/program`], 'list')).values();
      const ours = new LoaderSession(root).simulate(`${inside}/program`);
      expect(ours.verdict).toBe(theirs?.status === 0 ? 'starts' : 'fails');
      verdicts.push(ours.verdict);
    } finally {
      fs.rmSync(place, { recursive: true, force: true });
    }
  }
  expect(verdicts).toEqual(['fails', 'starts', 'starts']);
});
