import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processReportSchema } from '../../../shared/process.ts';
import { bundledCli, ended } from './harness.ts';

const cli = bundledCli();
let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'devmend-cli-running-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
const run = (args: readonly string[]) => cli.run(args, { home });

/** A script that leaves a file when it runs. */
function marking(name: string): { program: string; mark: string } {
  const [program, mark] = [join(home, name), join(home, `${name}.ran`)];
  writeFileSync(program, `#!/bin/sh\ntouch '${mark}'\necho "$@"\n`, { mode: 0o755 });
  return { program, mark };
}

describe('devmend processes', () => {
  it('is one object with --json, and sentences without', async () => {
    const { code, stdout } = await run(['processes', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.schema).toBe('devmend.processes/1');
    expect(processReportSchema.shape.system.safeParse(report.system).success).toBe(true);
    expect(report.processes.some((one: { role: string }) => one.role === 'devmend')).toBe(true);
    const spoken = await run(['processes']);
    expect(spoken.code).toBe(0);
    expect(spoken.stdout).toContain('Devmend, user');
    expect(spoken.stdout).not.toContain('process.');
  });
});

describe('devmend trace', () => {
  it('runs nothing without consent', async () => {
    const { program, mark } = marking('unasked');
    const { code, stderr } = await run(['trace', program]);
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
    expect(existsSync(mark)).toBe(false);
  });

  it('runs nothing when the answer is no', async () => {
    const { program, mark } = marking('refused');
    const terminal = cli.terminal(['trace', program], { home });
    await terminal.shows('[y/N]');
    terminal.type('n\r');
    expect(await terminal.exit()).toBe(130);
    expect(existsSync(mark)).toBe(false);
  });

  it('passes options behind the program on to it', async () => {
    const { program, mark } = marking('agreed');
    const { code, stdout } = await run([
      'trace',
      '--yes',
      '--json',
      program,
      '--yes',
      '-x',
      '--',
      'a b',
    ]);
    expect(existsSync(mark)).toBe(true);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      schema: 'devmend.trace/1',
      program,
      arguments: ['--yes', '-x', '--', 'a b'],
    });
    expect(code).toBe(0);
  });

  it('finds a name on PATH, and says in sentences how it went', async () => {
    const { code, stdout } = await run(['trace', '--yes', 'true']);
    expect(code).toBe(0);
    expect(stdout).toContain('/true started');
    expect(stdout).not.toContain('trace.');
  });

  it('shows what the kernel was asked, and what the program wrote, as it comes', async () => {
    const { program } = marking('shown');
    const { stderr } = await run(['trace', '--yes', program, 'own words']);
    const shown = stderr.split('\n').map((line) => line.trim());
    expect(shown).toContain('own words');
    expect(stderr).toMatch(/openat\(.*libc\.so\.6/u);
    expect(shown.filter((line) => line === '')).toEqual(['']);
  });

  it('says of what could not be simulated that it could not, and not that it had been right', async () => {
    writeFileSync(join(home, 'text'), 'echo never run\n', { mode: 0o755 });
    const { stdout } = await run(['trace', '--yes', join(home, 'text')]);
    expect(stdout).toContain('could not say whether it starts');
    expect(stdout).not.toContain('said the same');
  });

  it('stopped, ends the program and says that, not that something is put back', async () => {
    const program = join(home, 'endless');
    writeFileSync(program, '#!/bin/sh\necho ready\nexec sleep 1000\n', { mode: 0o755 });
    const child = cli.start(['trace', '--yes', program], { home });
    const end = ended(child);
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (text: string) => /^ *ready/mu.test(text) && resolve());
    });
    child.kill('SIGINT');
    const { code, stderr, stdout } = await end;
    expect(code).toBe(130);
    expect(stderr).toContain('everything that it started is being ended');
    expect(stderr).not.toContain('put back');
    expect(stdout).toContain('You stopped it');
  });

  it.each([
    [['trace', '--yes', './no-such-program'], 2],
    [['trace', '--yes', '--time-limit', 'soon', 'true'], 2],
    [['trace', '--yes', '/etc/passwd'], 1],
  ])('%j ends with status %d', async (args, status) => {
    expect((await run(args)).code).toBe(status);
  });
});
