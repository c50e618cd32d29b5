import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan } from '../../../electron/engine/journal/apply.ts';
import { recover } from '../../../electron/engine/journal/recover.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import {
  apply,
  copyTree,
  cutBehind,
  editJson,
  job,
  passing,
  planOf,
  removeTree,
  value,
  workbench,
  type Workbench,
} from './workbench.ts';

let bench: Workbench;
let elsewhere: string;

beforeEach(() => {
  bench = workbench();
  elsewhere = mkdtempSync('/dev/shm/devmend-lost-work-');
});

afterEach(() => {
  bench.dispose();
  rmSync(elsewhere, { recursive: true, force: true });
});

const stop = { onConflict: 'stop' } as const;
const ORIGINAL = '{ "a": 0, "b": 0 }\n';
const REPAIRED = '{ "a": 1, "b": 0 }\n';
const WORK = '{ "a": 0, "b": "the work of two days" }\n';

function settings(): string {
  const path = bench.at('settings.json');
  writeFileSync(path, ORIGINAL);
  return path;
}

/** Does something once, at the moment when the n-th entry behind the test's own condition is dated. */
function whileWriting(ready: () => boolean, act: () => void): Workbench {
  let done = false;
  const clock = (): Date => {
    if (!done && ready()) {
      done = true;
      act();
    }
    return new Date();
  };
  return { ...bench, machine: { ...bench.machine, clock } };
}

describe('what an editor saves while Devmend works on the file', () => {
  const hasTemporary = (directory: string) => (): boolean =>
    readdirSync(directory).some((name) => name.startsWith('.devmend-'));

  it('A3.6 between the comparison and the rename stays, and nothing of the repair does', async () => {
    const path = settings();
    const own = whileWriting(hasTemporary(bench.machine.home), () => writeFileSync(path, WORK));
    const outcome = await apply(own, [editJson(path, 'a', 0, 1)]);
    expect(outcome).toMatchObject({ status: 'rolled-back', failure: { code: 'target-changed' } });
    expect(readFileSync(path, 'utf8')).toBe(WORK);
    expect(readdirSync(bench.machine.home).filter((name) => name.startsWith('.devmend'))).toEqual(
      [],
    );
  });

  it('A3.6 the same in a file with two names, which is written in place', async () => {
    const path = settings();
    linkSync(path, bench.at('other-name'));
    const images = join(bench.machine.directories.state, 'journal');
    const hasContent = (): boolean =>
      existsSync(images) &&
      readdirSync(images, { recursive: true }).some((name) => String(name).includes('.written-'));
    const own = whileWriting(hasContent, () => writeFileSync(path, WORK));
    const outcome = await apply(own, [editJson(path, 'a', 0, 1)]);
    expect(outcome).toMatchObject({ status: 'rolled-back', failure: { code: 'target-changed' } });
    expect(readFileSync(path, 'utf8')).toBe(WORK);
  });

  it('A3.6 into a tree on another disk that undo is about to delete: it gets its name back', async () => {
    const [from, to] = [join(elsewhere, 'from'), join(elsewhere, 'to')];
    mkdirSync(from);
    writeFileSync(join(from, 'program'), 'program');
    expect(statSync(elsewhere).dev).not.toBe(statSync(bench.directory).dev);
    const { id } = await apply(bench, [copyTree(from, to)]);
    const listener = job();
    const running = {
      ...listener,
      emit: (event: Parameters<typeof listener.emit>[0]) => {
        if (event.type === 'step' && event.id.startsWith('restore') && event.state === 'running')
          writeFileSync(join(to, 'notes'), 'my notes');
      },
    };
    const outcome = value(await undo(bench.machine, id, stop, running));
    expect(outcome.failure?.code).toBe('target-changed');
    expect(readdirSync(to).sort()).toEqual(['notes', 'program']);
    expect(readdirSync(elsewhere).sort()).toEqual(['from', 'to']);
  });

  it('A3.6 into a tree on another disk that a repair takes away', async () => {
    const tree = join(elsewhere, 'old');
    mkdirSync(tree);
    writeFileSync(join(tree, 'program'), 'program');
    const listener = job();
    const running = {
      ...listener,
      emit: (event: Parameters<typeof listener.emit>[0]) => {
        if (event.type === 'step' && event.id.startsWith('remove') && event.state === 'running')
          writeFileSync(join(tree, 'notes'), 'my notes');
      },
    };
    const outcome = value(
      await applyPlan(bench.machine, planOf(bench, [removeTree(tree)]), running, passing),
    );
    expect(outcome).toMatchObject({ status: 'rolled-back', failure: { code: 'target-changed' } });
    expect(readdirSync(tree).sort()).toEqual(['notes', 'program']);
    expect(readdirSync(elsewhere)).toEqual(['old']);
  });
});

describe('a file with two names that was being written when the power went', () => {
  const interrupt = async (): Promise<{ path: string; id: string }> => {
    const path = settings();
    linkSync(path, bench.at('other-name'));
    const { id } = await apply(bench, [editJson(path, 'a', 0, 1)]);
    expect(readFileSync(path, 'utf8')).toBe(REPAIRED);
    cutBehind(bench, id, 1);
    return { path, id };
  };

  it('A3.2 stays as it is where somebody has written into it since, and is named', async () => {
    const { path } = await interrupt();
    writeFileSync(path, WORK);
    expect(value(await recover(bench.machine, job()))).toMatchObject([
      { status: 'rolled-back', kept: [path] },
    ]);
    expect(readFileSync(path, 'utf8')).toBe(WORK);
  });

  it('A3.2 is brought back from every mixture of the old and the new content', async () => {
    const torn = [
      REPAIRED.slice(0, 8) + ORIGINAL.slice(8),
      ORIGINAL.slice(0, 8) + REPAIRED.slice(8),
      REPAIRED,
      ORIGINAL,
    ];
    for (const content of torn) {
      const { path } = await interrupt();
      writeFileSync(path, content);
      expect(value(await recover(bench.machine, job()))).toMatchObject([{ kept: [] }]);
      expect(readFileSync(path, 'utf8')).toBe(ORIGINAL);
      expect(statSync(path).nlink).toBe(2);
      rmSync(bench.at('other-name'));
    }
  });
});

it('A3.8 a name that was made after the repair (cp -l) is a backup, and undo leaves it alone', async () => {
  const path = settings();
  const { id } = await apply(bench, [editJson(path, 'a', 0, 1)]);
  linkSync(path, bench.at('backup'));
  expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
  expect(readFileSync(path, 'utf8')).toBe(ORIGINAL);
  expect(readFileSync(bench.at('backup'), 'utf8')).toBe(REPAIRED);
  expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
  expect(readFileSync(path, 'utf8')).toBe(REPAIRED);
});
