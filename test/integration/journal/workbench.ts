import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import type { CommandRunner } from '../../../electron/engine/command.ts';
import type { JobContext } from '../../../electron/engine/job.ts';
import type { PathState } from '../../../electron/engine/journal/path-state.ts';
import type { Machine } from '../../../electron/engine/machine.ts';
import { runWithPipes } from '../../../electron/engine/pipes-runner.ts';
import type { Result } from '../../../shared/error.ts';
import type { TransactionOutcome } from '../../../shared/history.ts';
import type { JobProgress } from '../../../shared/job.ts';
import { message } from '../../../shared/message.ts';
import type { Change, ChangeOf, Plan } from '../../../shared/plan.ts';

export interface Workbench {
  readonly directory: string;
  readonly machine: Machine;
  readonly at: (...parts: string[]) => string;
  readonly dispose: () => void;
}

/** A machine whose home and Devmend directories lie in a temporary directory. */
export function workbench(options: { run?: CommandRunner; directory?: string } = {}): Workbench {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'devmend-journal-'));
  const home = join(directory, 'home');
  if (options.directory === undefined) mkdirSync(home);
  const at = (...parts: string[]): string => join(home, ...parts);
  return {
    directory,
    at,
    machine: {
      root: '/',
      home,
      user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, name: 'user' },
      environment: {},
      clock: () => new Date(),
      run: options.run ?? runWithPipes,
      directories: {
        config: at('.config/devmend'),
        state: at('.local/state/devmend'),
        cache: at('.cache/devmend'),
        data: at('.local/share/devmend'),
      },
      version: '0.1.0',
    },
    dispose: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface ListeningJob extends JobContext {
  readonly events: JobProgress[];
}

/** A job that remembers what it was told. */
export function job(signal: AbortSignal = new AbortController().signal): ListeningJob {
  const events: JobProgress[] = [];
  return { events, signal, emit: (event) => void events.push(event) };
}

const common = {
  title: message('repair.sandbox.title', { program: 'git' }),
  privilege: 'user',
  reversibility: 'full',
  reversibilityReason: null,
  bytes: 0,
} as const;

/** An edit of one key: what is there, what comes there (JSON values). */
export function editJson(
  path: string,
  key: string,
  before: unknown,
  after: unknown,
): ChangeOf<'edit-json'> {
  const text = (value: unknown): string | null =>
    value === undefined ? null : JSON.stringify(value);
  const edit = { jsonPath: [key], before: text(before), after: text(after) };
  return {
    ...common,
    kind: 'edit-json',
    id: `edit-${path}-${key}`,
    path,
    link: null,
    edits: [edit],
  };
}

export function copyTree(from: string, to: string): ChangeOf<'copy-tree'> {
  return { ...common, kind: 'copy-tree', id: `copy-${to}`, from, to, patches: [], trial: null };
}

/** A whole new content for a file that is there. */
export function writeFile(path: string, content: string): ChangeOf<'write-file'> {
  const before = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { ...common, kind: 'write-file', id: `write-${path}`, path, before, content, mode: 0o644 };
}

export function removeTree(path: string): ChangeOf<'remove-tree'> {
  return { ...common, kind: 'remove-tree', id: `remove-${path}`, path };
}

export function planOf(bench: Workbench, changes: Change[], own: Partial<Plan> = {}): Plan {
  return {
    schema: 'devmend.plan/1',
    id: 'plan',
    createdAt: '2026-11-23T00:00:00.000Z',
    devmend: '0.1.0',
    root: '/',
    home: bench.machine.home,
    repairs: [
      {
        repair: 'glibc-sandbox',
        finding: 'glibc-version-missing:1',
        title: message('repair.sandbox.title', { program: 'git' }),
        subject: 'git',
        problem: message('repair.sandbox.title', { program: 'git' }),
        choices: {},
        changes: changes.map(({ id }) => id),
      },
    ],
    changes,
    reliesOn: [],
    verifications: [],
    bytes: 0,
    seconds: 1,
    ...own,
  };
}

/** Verifications that pass, so that only the transaction itself is under test. */
export const passing = {
  runVerification: async () => Promise.resolve({ passed: true, output: 'fine', error: null }),
};

export async function apply(
  bench: Workbench,
  changes: Change[],
  own: Partial<Plan> = {},
): Promise<TransactionOutcome> {
  return value(await applyPlan(bench.machine, planOf(bench, changes, own), job(), passing));
}

/** The value of a result that must be one. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code} ${JSON.stringify(result.error.params)}`);
  return result.value;
}

/** The error code of a result that must be a failure. */
export function code<T>(result: Result<T>): string {
  return result.ok ? `ok: ${JSON.stringify(result.value)}` : result.error.code;
}

/** A state without its access time, which reading it may have changed. */
export function timeless(state: PathState): PathState {
  return state.type === 'file' ? { ...state, atimeNs: '0' } : state;
}

/** What SIGKILL right behind the n-th line of a sort (`step` unless told) leaves of a journal. */
export function cutBehind(bench: Workbench, id: string, count: number, sort = 'step'): void {
  const path = join(bench.machine.directories.state, 'journal', id, 'journal.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  const places = lines.flatMap((line, index) => (line.includes(`"type":"${sort}"`) ? [index] : []));
  const end = places[count - 1];
  if (end === undefined) throw new Error(`no ${count} lines of ${sort}`);
  writeFileSync(path, `${lines.slice(0, end + 1).join('\n')}\n`);
}
