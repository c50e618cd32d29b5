import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

/** Files that exist only so that the violating ones have something to import. */
const targets: Readonly<Record<string, string>> = {
  'electron/main/boot.ts': 'export const boot = 1;',
  'electron/ipc/register.ts': 'export const register = 1;',
  'electron/cli/run.ts': 'export const run = 1;',
  'electron/engine/journal/undo.ts': 'export const undo = 1;',
  'electron/engine/probes/libc.ts': 'export const libc = 1;',
  'electron/engine/checks/known.ts': 'export const known = 1;',
  'renderer/app/shell.ts': 'export const shell = 1;',
  'shared/kind.ts': "import * as z from 'zod'; export const kind = z.string();",
  'test/fixture.ts': 'export const fixture = 1;',
};

/** One breach a line: the wall, the file that breaches it, and how. */
const breaches: readonly (readonly [wall: string, file: string, source: string])[] = [
  ['shared-imports-zod-only', 'shared/a.ts', "import 'node:path';"],
  ['shared-imports-zod-only', 'shared/b.ts', "import 'react';"],
  ['shared-imports-zod-only', 'shared/c.ts', "import 'electron';"],
  ['shared-imports-zod-only', 'shared/d.ts', "import '../electron/engine/journal/undo.ts';"],
  ['renderer-imports-shared-only', 'renderer/a.ts', "import 'node:fs';"],
  ['renderer-imports-shared-only', 'renderer/b.ts', "import 'electron';"],
  ['renderer-imports-shared-only', 'renderer/c.ts', "import '../electron/engine/journal/undo.ts';"],
  ['renderer-has-no-native-libraries', 'renderer/d.ts', "import 'node-pty';"],
  ['engine-never-imports-electron', 'electron/engine/a.ts', "import 'electron';"],
  ['engine-knows-no-shell-around-it', 'electron/engine/b.ts', "import '../ipc/register.ts';"],
  ['engine-knows-no-shell-around-it', 'electron/engine/c.ts', "import '../cli/run.ts';"],
  ['engine-never-imports-electron', 'electron/cli/a.ts', "import 'electron';"],
  ['outer-layers-import-engine-and-shared', 'electron/cli/b.ts', "import '../ipc/register.ts';"],
  ['outer-layers-import-engine-and-shared', 'electron/ipc/a.ts', "import '../cli/run.ts';"],
  ['outer-layers-import-engine-and-shared', 'electron/helper/a.ts', "import '../cli/run.ts';"],
  ['side-layers-import-engine-and-shared', 'electron/terminal/a.ts', "import '../cli/run.ts';"],
  ['preload-is-a-loop-over-the-contract', 'electron/preload/a.ts', "import 'node:fs';"],
  ['nothing-imports-main', 'electron/ipc/b.ts', "import '../main/boot.ts';"],
  ['nothing-imports-main', 'electron/engine/d.ts', "import '../main/boot.ts';"],
  ['main-imports-no-window', 'electron/main/a.ts', "import '../../renderer/app/shell.ts';"],
  ['checks-and-repairs-are-pure', 'electron/engine/checks/a.ts', "import 'node:fs';"],
  ['checks-and-repairs-are-pure', 'electron/engine/checks/b.ts', "import 'fs/promises';"],
  ['checks-and-repairs-are-pure', 'electron/engine/repairs/a.ts', "import 'node:child_process';"],
  ['checks-and-repairs-are-pure', 'electron/engine/repairs/b.ts', "import 'node:net';"],
  ['checks-and-repairs-are-pure', 'electron/engine/repairs/c.ts', "import 'node:http';"],
  ['probes-never-import-checks', 'electron/engine/probes/a.ts', "import '../checks/known.ts';"],
  ['checks-never-import-probes', 'electron/engine/checks/c.ts', "import '../probes/libc.ts';"],
  ['product-imports-no-test', 'electron/engine/e.ts', "import '../../test/fixture.ts';"],
  ['no-cycles', 'shared/e.ts', "import './f.ts';"],
  ['everything-resolves', 'electron/engine/f.ts', "import './not-there.ts';"],
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

let copy = '';
let violations: readonly Violation[] = [];

async function write(file: string, source: string): Promise<void> {
  const path = join(copy, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${source}\n`);
}

async function cruise(): Promise<readonly Violation[]> {
  const program = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const options = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, ...options, 'electron', 'renderer', 'shared'],
    { cwd: copy, maxBuffer: 64 << 20 },
  ).catch((error: { stdout: string }) => error);
  return JSON.parse(stdout).summary.violations;
}

describe('the walls', () => {
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'devmend-walls-'));
    await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
      await cp(join(repository, file), join(copy, file));
    }
    for (const [file, source] of Object.entries(targets)) await write(file, source);
    expect(await cruise(), 'what is allowed passes').toEqual([]);
    for (const [, file, source] of breaches) await write(file, source);
    await write('shared/f.ts', "import './e.ts';");
    violations = await cruise();
  }, 120_000);

  afterAll(() => rm(copy, { recursive: true, force: true }));

  it.each(breaches)('%s: refused in %s', (wall, file) => {
    const rules = violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
    expect(rules).toContain(wall);
  });

  it('every wall has a breach that shows it stands', async () => {
    const { default: configuration } = await import(join(repository, '.dependency-cruiser.cjs'));
    const names = configuration.forbidden.map((rule: { name: string }) => rule.name);
    expect(new Set(breaches.map(([wall]) => wall))).toEqual(new Set(names));
  });
});

describe('ipcMain', () => {
  const lint = async (file: string, source: string): Promise<readonly string[]> => {
    const { ESLint } = await import('eslint');
    const { default: configuration } = await import(join(repository, 'build/eslint.config.mjs'));
    // The rules under test need no types; the file exists in no TypeScript project.
    const eslint = new ESLint({
      cwd: repository,
      overrideConfigFile: true,
      overrideConfig: [
        {
          files: ['**/*.ts'],
          languageOptions: { parser: (await import('typescript-eslint')).parser },
        },
        ...configuration.filter(
          ({ rules = {} }: { rules?: object }) => 'no-restricted-imports' in rules,
        ),
      ],
    });
    const [result] = await eslint.lintText(source, { filePath: join(repository, file) });
    return result!.messages.map(({ ruleId }) => ruleId ?? 'parse');
  };
  const named = "import { ipcMain } from 'electron';\nipcMain.handle('x', () => 1);\n";
  const member = "import * as electron from 'electron';\nelectron.ipcMain.on('x', () => 1);\n";

  it('is refused outside electron/ipc, by name and as a member', async () => {
    expect(await lint('electron/main/window.ts', named)).toEqual(['no-restricted-imports']);
    expect(await lint('electron/main/window.ts', member)).toContain('no-restricted-properties');
  });

  it('is allowed in electron/ipc', async () => {
    expect(await lint('electron/ipc/register.ts', named)).toEqual([]);
  });
});
