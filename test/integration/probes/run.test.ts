import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Probe } from '../../../electron/engine/probes/probe.ts';
import { probes } from '../../../electron/engine/probes/registry.ts';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import { pause } from '../../../electron/engine/probes/pause.ts';
import type { JobProgress } from '../../../shared/job.ts';
import { snapshotSchema, type Snapshot } from '../../../shared/snapshot.ts';
import { addGlibc, machineOf, makeTree, probe, type Tree } from './tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = makeTree();
  addGlibc(tree);
});
afterEach(() => {
  tree.remove();
});

/** The registry with one probe's work replaced. */
function withKernel(change: Partial<Probe<'kernel'>>): readonly Probe[] {
  return probes.map((one): Probe => (one.id === 'kernel' ? { ...one, ...change } : one));
}

async function run(
  list: readonly Probe[],
  signal: AbortSignal = new AbortController().signal,
  emit: (event: JobProgress) => void = () => undefined,
): Promise<Snapshot> {
  const snapshot = await runProbes(machineOf(tree), { programs: [] }, { emit, signal }, list);
  expect(snapshotSchema.safeParse(snapshot).success).toBe(true);
  return snapshot;
}

describe('running probes', () => {
  it('fills a snapshot that fits its schema, and tells phases and progress', async () => {
    const { snapshot, events } = await probe(tree, { programs: ['/bin/sh', '/nowhere'] });
    expect(snapshotSchema.parse(snapshot)).toEqual(snapshot);
    expect(snapshot).toMatchObject({ takenAt: '2026-11-23T12:00:00.000Z', root: tree.root });
    const phases = events.flatMap((event) => (event.type === 'phase' ? [event.phase.key] : []));
    expect(phases).toEqual(probes.map(({ id }) => `probe.phase.${id}`));
    expect(events.at(-1)).toEqual({
      type: 'progress',
      done: probes.length,
      total: probes.length,
    });
  });

  it('runs only what was asked for and what that builds on', async () => {
    const { snapshot } = await probe(tree, { only: ['editor-settings'] });
    const ran = Object.entries(snapshot.probes).filter(([, { data }]) => data !== null);
    expect(ran.map(([id]) => id)).toEqual(['editors', 'editor-settings']);
    expect(snapshot.probes.libc).toMatchObject({
      status: 'failed',
      problems: [{ code: 'unsupported', detail: 'not asked for' }],
    });
  });

  it('lets a probe that throws fail alone', async () => {
    const snapshot = await run(
      withKernel({
        run: () => {
          throw new Error('out of luck');
        },
      }),
    );
    expect(snapshot.probes.kernel).toMatchObject({
      status: 'failed',
      problems: [{ code: 'failed', detail: 'out of luck' }],
      data: null,
    });
    expect(snapshot.probes.libc.data).not.toBeNull();
  });

  it('gives up on a probe past its time limit, though it never looks at its signal', async () => {
    const snapshot = await run(
      withKernel({ timeoutMs: 1, run: () => new Promise(() => undefined) }),
    );
    expect(snapshot.probes.kernel).toMatchObject({
      status: 'failed',
      problems: [{ code: 'timed-out', detail: '1 ms' }],
    });
    expect(snapshot.probes.libc.data).not.toBeNull();
  });

  it('keeps what a probe had told before its time was over, and nothing that comes later', async () => {
    const data = { release: null, architecture: 'other', machine: 'early' } as const;
    let late: () => void = () => undefined;
    const list = withKernel({
      timeoutMs: 1,
      run: ({ partial }) => {
        partial(data);
        late = () => {
          partial({ ...data, machine: 'late' });
        };
        return new Promise(() => undefined);
      },
    });
    const [distribution, kernel, libc, ...rest] = list;
    if (!distribution || !kernel || !libc) throw new Error('the registry has changed');
    const meanwhile: Probe = {
      ...libc,
      run: (context) => {
        late();
        return libc.run(context);
      },
    };
    const snapshot = await run([distribution, kernel, meanwhile, ...rest]);
    expect(snapshot.probes.kernel).toMatchObject({
      status: 'partial',
      problems: [{ code: 'timed-out' }],
      data,
    });
  });

  it('A4.6 stops at a cancel between two files and says what was not read', async () => {
    const controller = new AbortController();
    let turns = 0;
    const snapshot = await run(
      withKernel({
        run: async ({ signal }) => {
          for (;;) {
            await pause(signal);
            turns += 1;
            if (turns === 3) controller.abort();
          }
        },
      }),
      controller.signal,
    );
    expect(turns).toBe(3);
    expect(snapshot.probes.distribution.problems.map(({ code }) => code)).not.toContain(
      'cancelled',
    );
    for (const id of ['kernel', 'libc', 'editors', 'programs'] as const) {
      expect(snapshot.probes[id]).toMatchObject({
        status: 'failed',
        problems: [{ code: 'cancelled' }],
        data: null,
      });
    }
  });

  it('stops every probe of its own when it is cancelled at its first phase', async () => {
    for (const { id } of probes) {
      const controller = new AbortController();
      const snapshot = await run(probes, controller.signal, (event) => {
        if (event.type === 'phase' && event.phase.key === `probe.phase.${id}`) controller.abort();
      });
      expect(snapshot.probes[id].problems).toMatchObject([{ code: 'cancelled' }]);
    }
  });
});
