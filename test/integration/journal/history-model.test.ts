import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history, keptThenRedone, makeWorld } from './history-commands.ts';
import { HistoryModel } from './history-model.ts';
import { LONG, runsOf } from './runs.ts';
import { workbench, type Workbench } from './workbench.ts';

/** Nothing of Devmend's own may be left beside anybody's files. */
function litterBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.name === '.local' || entry.name === '.cache') return [];
    const inside = entry.isDirectory() ? litterBelow(path) : [];
    return entry.name.startsWith('.devmend') ? [path, ...inside] : inside;
  });
}

describe('A3.1 A3.5 A3.7 A3.8 any history', () => {
  it(
    'goes as its rules say: undo and redo in any order, outside edits, crashes, recovery',
    async () => {
      const benches: Workbench[] = [];
      try {
        await fc.assert(
          fc.asyncProperty(history, async (sequence) => {
            const bench = workbench();
            benches.push(bench);
            makeWorld(bench);
            await fc.asyncModelRun(() => ({ model: new HistoryModel(), real: bench }), sequence);
            expect(litterBelow(bench.machine.home)).toEqual([]);
            benches.pop()?.dispose();
          }),
          { ...runsOf(8), examples: [[keptThenRedone]] },
        );
      } finally {
        benches.forEach((bench) => bench.dispose());
      }
    },
    LONG,
  );
});
