import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeLine, entrySchema } from '../../../electron/engine/journal/entries.ts';
import { listTransactions, showTransaction } from '../../../electron/engine/journal/history.ts';
import { previewUndo } from '../../../electron/engine/journal/undo-preview.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import { code, job, value, workbench, type Workbench } from './workbench.ts';

/** The paths in the journal are absolute: see the fixture's README. */
const PLACE = '/tmp/devmend-journal-v1';
const FIXTURE = fileURLToPath(new URL('../../fixtures/journal-v1/home', import.meta.url));
const EDIT = '20261123T215150.919Z';
const TREE = '20261123T215151.032Z';
const UNDONE = '20261123T215151.145Z';
const UNDO = '20261123T215151.802Z';
const stop = { onConflict: 'stop' } as const;

let bench: Workbench;

beforeEach(() => {
  rmSync(PLACE, { recursive: true, force: true });
  mkdirSync(PLACE);
  cpSync(FIXTURE, join(PLACE, 'home'), { recursive: true });
  bench = workbench({ directory: PLACE });
  const image = journalAt(TREE, 'images/0');
  for (const path of [image, join(image, 'inner'), join(image, 'run')]) chmodSync(path, 0o755);
  for (const path of [join(image, 'inner/file'), bench.at('settings.json'), bench.at('other.json')])
    chmodSync(path, 0o644);
  for (const id of [EDIT, UNDONE, UNDO]) giveTime(id);
});
afterEach(() => bench.dispose());

/** git keeps no times: the before-image's is in the journal, to the nanosecond. */
function giveTime(id: string): void {
  const text = readFileSync(journalAt(id, 'journal.jsonl'), 'utf8');
  const [, seconds, rest] = /"mtimeNs":"(\d+)(\d{9})"/.exec(text) ?? [];
  execFileSync('touch', ['-m', '-d', `@${seconds}.${rest}`, journalAt(id, 'images/0')]);
}

function journalAt(...parts: string[]): string {
  return join(bench.machine.directories.state, 'journal', ...parts);
}

describe('the journal of the first released version', () => {
  it('is listed and shown', async () => {
    const list = value(await listTransactions(bench.machine));
    expect(list.map(({ id, type, status, damaged }) => [id, type, status, damaged])).toEqual([
      [UNDO, 'undo', 'verified', false],
      [UNDONE, 'apply', 'undone', false],
      [TREE, 'apply', 'applied', false],
      [EDIT, 'apply', 'applied', false],
    ]);
    const detail = value(await showTransaction(bench.machine, EDIT));
    expect([detail.canUndo, detail.canRedo]).toEqual([true, false]);
    expect(detail.previews[0]?.diff.map(({ sign }) => sign)).toContain('+');
    const undone = value(await showTransaction(bench.machine, UNDONE));
    expect([undone.canUndo, undone.canRedo]).toEqual([false, true]);
  });

  it.each([EDIT, TREE])('A3.1 A3.8 %s is previewed, undone and redone', async (id) => {
    const preview = value(await previewUndo(bench.machine, id));
    expect([preview.possible, preview.conflicts]).toEqual([true, 0]);
    expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
    const settings = (): string => readFileSync(bench.at('settings.json'), 'utf8');
    expect(settings().includes('"/opt/git", // team build')).toBe(id === EDIT);
    expect(existsSync(bench.at('tree/inner/file'))).toBe(id === TREE);
    expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
    expect(settings()).toContain('"/opt/better/git"');
    expect(existsSync(bench.at('tree'))).toBe(false);
  });

  it('what it had undone is redone', async () => {
    expect(value(await redo(bench.machine, UNDONE, job())).failure).toBeNull();
    expect(readFileSync(bench.at('other.json'), 'utf8')).toBe('{ "b": 2 }\n');
  });

  it('a transaction of format 3 beside it makes it readable only', async () => {
    const [begin = ''] = readFileSync(journalAt(EDIT, 'journal.jsonl'), 'utf8').split('\n');
    const fields = new Map(Object.entries(JSON.parse(begin) as object));
    for (const envelope of ['seq', 'at', 'sum']) fields.delete(envelope);
    const entry = entrySchema.parse({ ...Object.fromEntries(fields), format: 3 });
    mkdirSync(journalAt('20270101T000000.000Z'));
    writeFileSync(
      journalAt('20270101T000000.000Z', 'journal.jsonl'),
      encodeLine(1, '2027-01-01T00:00:00.000Z', entry),
    );
    expect(value(await listTransactions(bench.machine))).toHaveLength(4);
    expect(value(await previewUndo(bench.machine, EDIT)).possible).toBe(false);
    expect(code(await undo(bench.machine, EDIT, stop, job()))).toBe('journal-from-the-future');
    expect(readFileSync(bench.at('settings.json'), 'utf8')).toContain('"/opt/better/git"');
  });
});
