import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import { compile, library, MAIN } from '../../unit/elf/tools.ts';
import { bundledCli } from './harness.ts';

const cli = bundledCli();
let home = '';
let git = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'devmend-cli-deps-'));
  git = join(home, 'git');
  buildNewerProgram(git, 'git');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
const run = (args: readonly string[], environment: Record<string, string> = {}) =>
  cli.run(args, { home, environment });

describe('deps on real files', () => {
  it('names the interpreter that is not there', async () => {
    const lost = join(home, 'lost');
    compile(home, 'lost', MAIN, ['-Wl,--dynamic-linker=/no/such/ld.so']);
    const { code, stdout } = await run(['deps', lost]);
    expect(code).toBe(1);
    expect(stdout).toContain('x does not start (its interpreter /no/such/ld.so does not exist)');
  });

  it('goes where the system goes with .. behind a link', async () => {
    mkdirSync(join(home, 'far/deep'), { recursive: true });
    symlinkSync(join(home, 'far/deep'), join(home, 'near'));
    writeFileSync(join(home, 'far/tool'), readFileSync(git));
    const { code, stdout } = await run(['deps', 'near/../tool', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ file: join(home, 'far/tool'), verdict: 'fails' });
  });

  it('gives a program with file capabilities no LD_LIBRARY_PATH', async () => {
    const base = join(home, 'capable');
    library(base, 'libown.so', 'int own(void) { return 0; }\n');
    const source = 'int own(void);\nint main(void) { return own(); }\n';
    const program = compile(base, 'program', source, [`-L${base}`, '-lown']);
    const environment = { LD_LIBRARY_PATH: base };
    expect((await run(['deps', program], environment)).code).toBe(0);
    execFileSync('/usr/sbin/setcap', ['cap_net_raw+ep', program]);
    // Root had the capabilities before, so nothing is gained and nothing is secure.
    expect((await run(['deps', program], environment)).code).toBe(0);
    expect(spawnSync(program, { env: environment }).status).toBe(0);
    chmodSync(home, 0o755);
    const nobody = { uid: 65_534, gid: 65_534 };
    const { code, stdout } = await cli.run(['deps', program, '--json'], {
      home,
      environment,
      ...nobody,
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ missing: [{ soname: 'libown.so' }] });
    expect(spawnSync(program, { ...nobody, env: environment }).status).toBe(127);
  });

  it('does not call a library missing that is there and damaged', async () => {
    const base = join(home, 'damaged-library');
    const own = library(base, 'libown.so', 'int own(void) { return 0; }\n');
    const source = 'int own(void);\nint main(void) { return own(); }\n';
    const link = [`-L${base}`, '-lown', '-Wl,-rpath,$ORIGIN'];
    const program = compile(base, 'program', source, link);
    writeFileSync(own, '');
    expect(spawnSync(program, { encoding: 'utf8' }).stderr).toContain(`${own}: file too short`);
    const { code, stdout } = await run(['deps', program]);
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/gu, ' ')).toContain(`${own} is there, but cannot be loaded`);
    expect(stdout).not.toContain('not found');
    const json = await run(['deps', program, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      missing: [{ soname: 'libown.so', found: own }],
    });
    const scan = await run(['scan', '--program', program]);
    expect(scan.stdout).toContain('libown.so is there, but cannot be loaded');
    expect(scan.stdout).not.toMatch(/was not found|is not on this system/u);
  });

  it('shows what is preloaded in the tree and in the graph', async () => {
    const early = library(home, 'libearly.so', 'int early;\n');
    const environment = { LD_PRELOAD: early };
    const { stdout } = await run(['deps', '/bin/true'], environment);
    expect(stdout).toContain(`libearly.so => ${early} (preloaded)`);
    const dot = await run(['deps', '/bin/true', '--dot'], environment);
    expect(dot.stdout).toContain(`"/bin/true" -> "${early}" [label="preload"];`);
  });
});

it('names what a link leads to that is not there', async () => {
  const link = join(home, 'dangling');
  symlinkSync('/nowhere/tool', link);
  const { stderr } = await run(['deps', link]);
  expect(stderr.replace(/\s+/gu, ' ')).toContain('(-> /nowhere/tool: ENOENT)');
});

describe('elf on a directory', () => {
  it('has an entry for a directory below it that may not be entered', async () => {
    const tree = join(home, 'tree');
    mkdirSync(join(tree, 'closed'), { recursive: true });
    chmodSync(home, 0o755);
    chmodSync(join(tree, 'closed'), 0o700);
    writeFileSync(join(tree, 'tool'), readFileSync(git));
    const nobody = { home, uid: 65_534, gid: 65_534 };
    const { code, stdout } = await cli.run(['elf', tree, '--json'], nobody);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      files: [
        { path: join(tree, 'closed'), error: { code: 'unreadable', detail: 'EACCES' } },
        { path: join(tree, 'tool'), error: null },
      ],
    });
    const named = await cli.run(['elf', join(tree, 'closed')], nobody);
    expect(named.code).toBe(1);
    expect(named.stdout).toContain('unreadable: EACCES');
  });
});
