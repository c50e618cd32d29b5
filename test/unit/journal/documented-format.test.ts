import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseJournal } from '../../../electron/engine/journal/journal-file.ts';
import { advance, emptyModel } from '../../../electron/engine/journal/model.ts';

it('the example in docs/journal.md is a journal that this Devmend reads', () => {
  const text = readFileSync(new URL('../../../docs/journal.md', import.meta.url), 'utf8');
  const example = /```jsonl\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const journal = parseJournal(Buffer.from(example));
  expect([journal.lines.length, journal.torn]).toEqual([8, false]);
  const model = emptyModel();
  for (const { at, entry } of journal.lines) advance(model, at, entry);
  expect([model.phase, model.status]).toEqual(['committed', 'verified']);
  expect(model.records[0]?.steps).toHaveLength(1);
});
