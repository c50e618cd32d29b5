import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layDesk, settingsText, type Desk } from '../../fixtures/desk.ts';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';
import type { Plan } from '../../../shared/plan.ts';
import { bundledCli, type Ended } from './harness.ts';

const cli = bundledCli();
let desk: Desk;
let honest: string;
beforeAll(async () => {
  desk = layDesk();
  const file = join(desk.home, 'honest.json');
  expect((await run('plan', '--all', '--out', file)).code).toBe(0);
  honest = readFileSync(file, 'utf8');
}, 180_000);
afterAll(() => desk.remove());

const run = (...args: string[]): Promise<Ended> => cli.run(args, { home: desk.home });

type CopyTree = Extract<Plan['changes'][number], { kind: 'copy-tree' }>;
const copyOf = (plan: Plan): CopyTree =>
  plan.changes.find((change): change is CopyTree => change.kind === 'copy-tree') as CopyTree;

/** What somebody else may have done to a plan before it is applied here. */
const forgeries: readonly (readonly [string, (plan: Plan, home: string) => void])[] = [
  [
    'a trial run of another program',
    (plan, home) => {
      copyOf(plan).trial = {
        path: '../../../../../../../../../bin/sh',
        args: ['-c', `touch ${home}/owned`],
        environment: {},
        timeoutMs: 1000,
      };
    },
  ],
  [
    'arguments of the trial run',
    (plan) => {
      copyOf(plan).trial?.args.push('--exec-path=/tmp');
    },
  ],
  [
    'a variable that steers the loader',
    (plan) => {
      const trial = copyOf(plan).trial;
      if (trial !== null) trial.environment = { LD_PRELOAD: '/tmp/evil.so' };
    },
  ],
  [
    'a verification that is a command',
    (plan, home) => {
      plan.verifications.push({
        kind: 'program-starts',
        title: { key: 'verify.title.starts', params: { program: 'git' } },
        path: '/bin/sh',
        args: ['-c', `touch ${home}/owned`],
        environment: {},
        timeoutMs: 1000,
      });
    },
  ],
  [
    'a copy to where the desktop starts programs',
    (plan, home) => {
      copyOf(plan).to = `${home}/.config/autostart/git.desktop`;
    },
  ],
  [
    'a setting that names another program',
    (plan) => {
      for (const change of plan.changes)
        if (change.kind === 'edit-json') change.edits[0]!.after = '"/tmp/evil"';
    },
  ],
  [
    'a tree to remove, in a change that no repair shows',
    (plan, home) => {
      const { id: _id, ...rest } = copyOf(plan);
      plan.changes.push({
        id: 'hidden',
        kind: 'remove-tree',
        path: `${home}/opt`,
        title: rest.title,
        privilege: 'user',
        reversibility: 'full',
        reversibilityReason: null,
        bytes: 0,
      });
    },
  ],
  [
    'packages with other digests, said to be signed',
    (plan) => {
      for (const change of plan.changes)
        if (change.kind === 'create-sandbox') change.spec.packages[0]!.sha256 = '0'.repeat(64);
    },
  ],
  [
    'a loader of somebody else’s',
    (plan) => {
      copyOf(plan).patches[0]!.interpreter.after = '/tmp/ld.so';
    },
  ],
  [
    'a comforting title',
    (plan) => {
      plan.changes[0]!.title = { key: 'verify.title.starts', params: { program: 'nothing' } };
    },
  ],
  [
    'no word of what it relies on',
    (plan) => {
      plan.reliesOn = [];
    },
  ],
  [
    'another home',
    (plan) => {
      plan.home = '/tmp';
    },
  ],
];

describe('a plan file is what somebody wishes, not what is done', () => {
  it.each(forgeries)(
    'A2.3 %s: refused with nothing run and nothing written',
    async (_what, forge) => {
      const plan = JSON.parse(honest) as Plan;
      forge(plan, desk.home);
      const file = join(desk.home, 'plan.json');
      writeFileSync(file, JSON.stringify(plan));
      const refused = await run('apply', file, '--yes', '--json');
      expect([2, 4]).toContain(refused.code);
      expect(JSON.parse(refused.stdout).error.code).toMatch(/^plan-(differs|invalid)$/u);
      expect(existsSync(join(desk.home, 'owned'))).toBe(false);
      expect(existsSync(join(desk.home, '.local/share/devmend'))).toBe(false);
      expect(existsSync(join(desk.home, '.config/autostart'))).toBe(false);
      expect(readFileSync(desk.settings, 'utf8')).toBe(settingsText(desk.git));
      expect(JSON.parse((await run('history', '--json')).stdout).transactions).toEqual([]);
    },
    180_000,
  );

  it('remembers the programs it was told of, and shows the trial run among its commands', async () => {
    const program = join(desk.home, 'tools/made-newer');
    buildNewerProgram(program, 'made-newer');
    mkdirSync(join(desk.home, 'links'));
    const link = join(desk.home, 'links/newer');
    symlinkSync(program, link);
    const scanned = await run('scan', '--json', '--program', link);
    const finding = JSON.parse(scanned.stdout).findings.find(
      ({ affected }: { affected: string[] }) => affected[0] === link,
    );
    const file = join(desk.home, 'told.json');
    const planned = await run('plan', finding.id, '--program', link, '--out', file);
    expect(planned.code).toBe(0);
    expect(planned.stdout).toMatch(/\$ \/.*made-newer --version/u);
    expect((await run('apply', file, '--yes')).code).toBe(0);
  }, 180_000);
});
