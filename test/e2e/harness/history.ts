import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { undo } from '../../../electron/engine/journal/undo.ts';
import type { Machine } from '../../../electron/engine/machine.ts';
import { message } from '../../../shared/message.ts';
import type { Change } from '../../../shared/plan.ts';
import {
  editJson,
  job,
  passing,
  planOf,
  removeTree,
  value,
  workbench,
  type Workbench,
} from '../../integration/journal/workbench.ts';
import type { Stage } from '../harness.ts';
import { actAs } from './user.ts';

/** Secrets in the settings file, before and after the repair of dlv. */
export const TOKENS = [
  'gho_16C7e42F292c6912E7710c838347Ae178B4a',
  'gho_9bD2c1E0f4A35768B1c9dE72F0a64385cD1e',
] as const;

/** What the repair of staticcheck removed, and keeps. */
export const OLD_TOOL_BYTES = 1_500_000;

export interface LaidHistory {
  readonly bench: Workbench;
  readonly settings: string;
  /** Oldest first. */
  readonly ids: readonly string[];
}

/** Four repairs of four programs within the last half year, made by the engine; the last was taken back. */
export async function layHistory(stage: Stage): Promise<LaidHistory> {
  const { machine, ...rest } = workbench({ directory: stage.user.directory });
  const bench = { ...rest, machine: { ...machine, user: stage.user } };
  const settings = join(stage.home, '.config/Code/User/settings.json');
  const lines = [
    '"a": 0',
    `"go.toolsEnvVars": { "GITHUB_TOKEN": "${TOKENS[0]}" }`,
    '"mail": "jo@example.org"',
  ];
  stage.write(settings, `{\n  ${lines.join(',\n  ')}\n}\n`);
  stage.write(join(stage.home, 'old/tool'), Buffer.alloc(OLD_TOOL_BYTES, 'old\n'));
  const edit = (after: number) => editJson(settings, 'a', after - 1, after);
  const { edits } = editJson(
    settings,
    'go.toolsEnvVars',
    { GITHUB_TOKEN: TOKENS[0] },
    { GITHUB_TOKEN: TOKENS[1], MAIL: 'jo@example.org' },
  );
  const ids = await actAs(stage.user, async () => {
    const applied = [
      await repair(bench, 170, 'gopls', edit(1)),
      await repair(bench, 140, 'dlv', { ...edit(2), edits: [...edit(2).edits, ...edits] }),
      await repair(bench, 110, 'staticcheck', removeTree(join(stage.home, 'old'))),
      await repair(bench, 80, 'git', edit(3)),
    ];
    const taken = await undo(on(bench, 50), applied[3] ?? '', { onConflict: 'stop' }, job());
    return [...applied, value(taken).id];
  });
  return { bench, settings, ids };
}

/** One more repair, and its record as a power cut right before its end leaves it. */
export async function layInterrupted(stage: Stage, laid: LaidHistory): Promise<void> {
  const { bench, settings } = laid;
  const change = editJson(settings, 'a', 2, 3);
  const id = await actAs(stage.user, () => repair(bench, 20, 'git', change));
  const journal = join(bench.machine.directories.state, 'journal', id, 'journal.jsonl');
  const whole = readFileSync(journal, 'utf8').split('\n');
  writeFileSync(journal, whole.filter((line) => !line.includes('"type":"commit"')).join('\n'));
}

async function repair(
  bench: Workbench,
  ago: number,
  program: string,
  change: Change,
): Promise<string> {
  const plan = planOf(bench, [change]);
  const title = message('repair.sandbox.title', { program });
  const repairs = plan.repairs.map((one) => ({ ...one, subject: program, title }));
  return value(await applyPlan(on(bench, ago), { ...plan, repairs }, job(), passing)).id;
}

function on(bench: Workbench, ago: number): Machine {
  return { ...bench.machine, clock: () => new Date(`${dayAgo(ago)}T12:00:00.000Z`) };
}

/** A day as `2026-11-23`, so many days before today. */
export function dayAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
