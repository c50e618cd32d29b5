import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../../..');
let copy = '';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
}

async function node(...args: readonly string[]): Promise<Outcome> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...args], {
      cwd: copy,
      env: { ...process.env, DEVMEND_COUNTS: join(copy, 'counts.json') },
    });
    return { code: 0, stdout };
  } catch (error) {
    return error as Outcome;
  }
}

async function write(file: string, text: string): Promise<void> {
  const path = join(copy, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const catalog = (language: string, texts: object): Promise<void> =>
  write(`shared/messages/${language}/error.json`, `${JSON.stringify(texts, null, 2)}\n`);

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'devmend-tooling-'));
  await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'));
  await cp(join(repository, 'build/scripts'), join(copy, 'build/scripts'), { recursive: true });
  await promisify(execFile)('git', ['init', '-q', copy]);
  await write('.gitignore', 'node_modules\nbuild\n');
});

afterAll(() => rm(copy, { recursive: true, force: true }));

describe('the catalogs check', () => {
  const check = (): Promise<Outcome> => node('build/scripts/check-catalogs.mjs');

  beforeAll(async () => {
    await write(
      'shared/error.ts',
      "export const errorParameters = { one: ['path'], two: [] } as const;\n",
    );
    await write(
      'shared/messages/catalogs.ts',
      "import './en/error.json'; import './zh-CN/error.json';\n",
    );
  });

  it('passes what is in step', async () => {
    await catalog('en', { 'error.one': 'One {{path}}', 'error.two': 'Two' });
    await catalog('zh-CN', { 'error.one': '一 {{path}}', 'error.two': '二' });
    expect(await check()).toMatchObject({ code: 0, stdout: '' });
  });

  it('names an error code without a sentence, a missing translation, and an orphan', async () => {
    await catalog('en', { 'error.one': 'One', 'error.three': 'Three' });
    await catalog('zh-CN', { 'error.one': '一' });
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toContain('error code two has no sentence');
    expect(stdout).toContain('error.one fills in (), the code gives (path)');
    expect(stdout).toContain('error.three: missing in zh-CN');
    expect(stdout).toContain('error.three: no code says it');
  });

  it('A4.12 names ASCII marks between Chinese characters, and no others', async () => {
    await catalog('en', { 'error.one': 'One {{path}}:1, two', 'error.two': 'Two' });
    await catalog('zh-CN', { 'error.one': '{{path}}:1, 二', 'error.two': '一，a, b' });
    expect(await check()).toMatchObject({ code: 0, stdout: '' });
    await catalog('zh-CN', { 'error.one': '已改变,{{path}}', 'error.two': '二(一)' });
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toContain('error.one has an ASCII “,” in Chinese');
    expect(stdout).toContain('error.two has an ASCII “(” in Chinese');
  });

  it('names parameters that differ, keys out of order, and a key that no catalog has', async () => {
    await catalog('en', { 'error.two': 'Two', 'error.one': 'One {{path}}' });
    await catalog('zh-CN', { 'error.one': '一 {{file}}', 'error.two': '二' });
    await write('electron/engine/a.ts', "message('error.absent');\n");
    const { stdout } = await check();
    expect(stdout).toContain('error.one: parameters differ');
    expect(stdout).toContain('shared/messages/en/error.json: keys are not sorted');
    expect(stdout).toContain('electron/engine/a.ts: error.absent is in no catalog');
  });
});

describe('the words check', () => {
  const lines: readonly (readonly [reason: string, line: string])[] = [
    ['unfinished work', `// ${'TO'}DO: later`],
    ['a silenced type checker', `// @ts-${'ignore'}`],
    ['a silenced linter', `// eslint-${'disable'}-next-line`],
    ['a test that does not run', `it.${'skip'}('x', () => {});`],
    ['npm configuration', `const host = 'https://registry.${'npm'}js.example';`],
  ];

  it.each(lines)('finds %s', async (reason, line) => {
    await write('test/found.ts', `${line}\n`);
    const { code, stdout } = await node('build/scripts/check-words.mjs');
    expect(code).toBe(1);
    expect(stdout).toContain('test/found.ts:1');
    expect(stdout).toContain(reason);
    await rm(join(copy, 'test/found.ts'));
  });

  it('passes a file that has none of them', async () => {
    await write('test/fine.ts', "it('is todo-free', () => {});\n");
    expect(await node('build/scripts/check-words.mjs')).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('the count of tests', () => {
  it('tells passed, failed and skipped apart, and a file that does not load', async () => {
    const head = "import { expect, it } from 'vitest';\n";
    await write(
      'counted/a.test.ts',
      `${head}it('is', () => {});\nit('is not', () => expect(1).toBe(2));\n`,
    );
    await write(
      'counted/b.test.ts',
      `${head}it('waits', (context) => context.skip('no root here'));\n`,
    );
    await write('counted/c.test.ts', "throw new Error('cannot load');\n");
    await write(
      'vitest.config.mjs',
      "export default { test: { include: ['counted/*.test.ts'] } };\n",
    );
    const options = ['--reporter=./build/scripts/count-reporter.mjs', '--root', copy];
    await node(join(repository, 'node_modules/vitest/vitest.mjs'), 'run', ...options);
    const counts = JSON.parse(await readFile(join(copy, 'counts.json'), 'utf8'));
    expect(counts.passed).toBe(1);
    expect(counts.failed).toEqual([
      'counted/a.test.ts > is not',
      'counted/c.test.ts (the file itself)',
    ]);
    expect(counts.skipped).toEqual([{ test: 'waits', reason: 'no root here' }]);
  });
});

describe('the table of system packages', () => {
  it('names the package that brings each library, as dpkg knows it', async () => {
    const file = await readFile(join(repository, 'build/system-packages.json'), 'utf8');
    const libraries: Record<string, readonly string[]> = JSON.parse(file).libraries;
    const directory = `/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
    const there = Object.keys(libraries).filter((soname) => existsSync(join(directory, soname)));
    expect(there.length).toBeGreaterThan(5);
    const patterns = there.map((soname) => `*/${soname}`);
    const { stdout } = await promisify(execFile)('dpkg-query', ['-S', ...patterns]).catch(
      (error: { stdout: string }) => error,
    );
    const owned = stdout.split('\n').map((line) => /^([^:]+):.*\/([^/]+)$/.exec(line));
    for (const soname of there) {
      const owners = owned.filter((match) => match?.[2] === soname).map((match) => match![1]!);
      expect(libraries[soname], soname).toEqual(expect.arrayContaining(owners.slice(0, 1)));
      expect(owners, soname).not.toEqual([]);
    }
  });
});
