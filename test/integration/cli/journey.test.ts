import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { layDesk, settingsText, type Desk } from '../../fixtures/desk.ts';
import { bundledCli, ended, type Ended } from './harness.ts';

const cli = bundledCli();
const desks: Desk[] = [];
afterEach(() => desks.splice(0).forEach((desk) => desk.remove()));

/** A home with VS Code's settings naming a git that this system refuses. */
function newDesk(): { desk: Desk; run: (...args: string[]) => Promise<Ended> } {
  const desk = layDesk();
  desks.push(desk);
  return { desk, run: (...args) => cli.run(args, { home: desk.home }) };
}

const parsed = (ending: Ended) => JSON.parse(ending.stdout);

/** The id of what the scan finds wrong with the desk's git. */
async function findingOf(desk: Desk): Promise<string> {
  const { findings } = parsed(await cli.run(['scan', '--json'], { home: desk.home }));
  const found = findings.filter(({ affected }: { affected: string[] }) => affected[0] === desk.git);
  expect(found).toHaveLength(1);
  return found[0].id;
}

function facts(path: string): unknown {
  const { mode, uid, gid, mtimeMs, size } = statSync(path);
  return { mode, uid, gid, mtimeMs, size, bytes: readFileSync(path, 'base64') };
}

const gitPath = (desk: Desk): string =>
  /"git\.path":\s*"([^"]*)"/u.exec(readFileSync(desk.settings, 'utf8'))?.[1] ?? '';

describe('the whole journey on the command line', () => {
  it('A3.1 A3.12 scan, explain, plan, apply, proof, history, undo to the byte, redo', async () => {
    const { desk, run } = newDesk();
    const before = [facts(desk.git), facts(desk.settings)];
    const id = await findingOf(desk);

    const explained = await run('explain', id.slice(0, -2));
    expect(explained.code).toBe(0);
    for (const words of [desk.git, `${desk.settings}:4`, 'lacks GLIBC_2.38', 'strlcpy'])
      expect(explained.stdout).toContain(words);

    const file = join(desk.home, 'plan.json');
    const planned = await run('plan', '--all', '--json', '--out', file);
    expect(planned.code).toBe(0);
    expect(parsed(planned)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    expect([facts(desk.git), facts(desk.settings)]).toEqual(before);

    const refused = await run('apply', file);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--yes');
    expect(refused.stdout).toContain('+ 4   "git.path":');
    expect([facts(desk.git), facts(desk.settings)]).toEqual(before);

    const applied = await run('apply', file, '--yes');
    expect(applied.code).toBe(0);
    expect(applied.stderr).toContain('--set-interpreter');
    expect(applied.stdout).toContain('git version 1.2.3');
    expect(execFileSync(gitPath(desk), ['--version'], { encoding: 'utf8' })).toBe(
      'git version 1.2.3\n',
    );
    expect(facts(desk.git)).toEqual(before[0]);

    const [transaction] = parsed(await run('history', '--json'))['transactions'];
    expect(transaction).toMatchObject({ status: 'verified', type: 'apply', undoes: null });
    const shown = await run('show', transaction.id.slice(0, -1), '--json');
    expect(parsed(shown)).toMatchObject({ schema: 'devmend.transaction/1', canUndo: true });

    const asked = await run('undo', transaction.id);
    expect([asked.code, asked.stdout.includes('unchanged since the repair')]).toEqual([2, true]);
    const undone = await run('undo', transaction.id, '--yes', '--json');
    expect(undone.code).toBe(0);
    expect(parsed(undone)).toMatchObject({ schema: 'devmend.outcome/1', failure: null });
    expect([facts(desk.git), facts(desk.settings)]).toEqual(before);

    expect((await run('redo', transaction.id)).code).toBe(0);
    expect(execFileSync(gitPath(desk), ['--version'], { encoding: 'utf8' })).toContain('1.2.3');
    expect(parsed(await run('history', '--json'))['transactions']).toHaveLength(3);
    expect((await run('recover')).code).toBe(0);
  }, 180_000);

  it('A3.5 names the file that somebody else changed, and the options; writes nothing', async () => {
    const { desk, run } = newDesk();
    const applied = await run('apply', await findingOf(desk), '--yes', '--json');
    expect(applied.code).toBe(0);
    const { id } = parsed(applied) as { id: string };
    appendFileSync(desk.settings, '// mine\n');
    const mine = facts(desk.settings);

    const stopped = await run('undo', id, '--yes');
    expect(stopped.code).toBe(4);
    expect(stopped.stderr).toContain(desk.settings);
    for (const option of ['keep', 'restore', 'stop'])
      expect(stopped.stderr).toContain(`undo ${id} --on-conflict ${option}`);
    expect(facts(desk.settings)).toEqual(mine);

    const restored = await run('undo', id, '--on-conflict', 'restore', '--yes');
    expect(restored.code).toBe(0);
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));
  }, 180_000);

  it('A3.6 refuses a plan whose evidence has changed, with 4', async () => {
    const { desk, run } = newDesk();
    const file = join(desk.home, 'plan.json');
    expect((await run('plan', await findingOf(desk), '--out', file)).code).toBe(0);
    appendFileSync(desk.git, 'x');
    const stale = await run('apply', file, '--yes', '--json');
    expect(stale.code).toBe(4);
    expect(parsed(stale)).toMatchObject({
      schema: 'devmend.error/1',
      error: { code: expect.stringMatching(/plan-stale|target-changed/u) },
    });
    expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));

    writeFileSync(file, '{"schema":"devmend.plan/1"}');
    expect((await run('apply', file, '--yes')).code).toBe(2);
    expect((await run('apply', join(desk.home, 'absent.json'), '--yes')).code).toBe(2);
  }, 180_000);

  it('Ctrl-C during a repair puts everything back and ends with 130; a second one waits', async () => {
    const { desk, run } = newDesk();
    const before = facts(desk.settings);
    const id = await findingOf(desk);
    const child = cli.start(['apply', id, '--yes'], { home: desk.home });
    let log = '';
    child.stderr?.on('data', (text: Buffer) => {
      const begun = log.includes('--set-rpath');
      log += text.toString();
      if (!begun && log.includes('--set-rpath')) {
        child.kill('SIGINT');
        child.kill('SIGINT');
      }
    });
    const { code, stderr } = await ended(child);
    expect(code).toBe(130);
    expect(stderr).toContain('Stopping');
    expect(facts(desk.settings)).toEqual(before);
    expect(existsSync(join(desk.home, '.local/share/devmend/programs/git'))).toBe(false);
    const { transactions } = parsed(await run('history', '--json'));
    expect(transactions.map(({ status }: { status: string }) => status)).toEqual(['rolled-back']);
    expect((await run('scan')).code).toBe(1);
  }, 180_000);

  it('sandbox: created, listed, not removed while in use, removed when it is not', async () => {
    const { desk, run } = newDesk();
    expect((await run('apply', await findingOf(desk), '--yes')).code).toBe(0);
    const [sandbox] = parsed(await run('sandbox', 'list', '--json'))['sandboxes'];
    expect(sandbox.users).toHaveLength(1);
    const used = await run('sandbox', 'remove', sandbox.name);
    expect([used.code, used.stderr]).toEqual([4, expect.stringContaining(sandbox.users[0])]);
    const [{ id }] = parsed(await run('history', '--json'))['transactions'];
    expect((await run('undo', id, '--yes')).code).toBe(0);

    expect((await run('sandbox', 'create')).code).toBe(0);
    expect((await run('sandbox', 'create')).stdout).toContain('there already');
    const removed = await run('sandbox', 'remove', sandbox.name, '--json');
    expect(removed.code).toBe(0);
    expect((await run('sandbox', 'list')).stdout).toContain('no private C library yet');
    expect((await run('sandbox', 'remove', sandbox.name)).code).toBe(2);
  }, 180_000);
});
