import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine, encodeLine, type Entry } from '../../../electron/engine/journal/entries.ts';
import { parseJournal } from '../../../electron/engine/journal/journal-file.ts';
import { nextId } from '../../../electron/engine/journal/store.ts';

const AT = '2026-11-23T12:00:00.000Z';
const entry = fc.oneof(
  fc.record({ type: fc.constant('start' as const), change: fc.string() }),
  fc.record({ type: fc.constant('temporary' as const), path: fc.string({ unit: 'binary' }) }),
);
const journalOf = (entries: readonly Entry[]): Buffer =>
  Buffer.from(entries.map((one, index) => encodeLine(index + 1, AT, one)).join(''));

describe('a journal', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const journal = parseJournal(journalOf(entries));
        expect(journal.lines.map((line) => line.entry)).toEqual(entries);
        expect(journal.torn).toBe(false);
      }),
    );
  });

  it('cut off anywhere keeps its whole lines and nothing else', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), fc.nat(), (entries, cut) => {
        const whole = journalOf(entries);
        const text = whole.subarray(0, cut % whole.length);
        const journal = parseJournal(text);
        expect(journal.damaged).toBe(false);
        expect(whole.subarray(0, journal.wholeBytes)).toEqual(
          journalOf(journal.lines.map((line) => line.entry)),
        );
        expect(journal.torn).toBe(journal.wholeBytes < text.length);
      }),
    );
  });

  it('with any byte altered is not believed from there on', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (entries, at, by) => {
          const text = journalOf(entries);
          const position = at % text.length;
          text[position] = (text[position] ?? 0) ^ by;
          expect(parseJournal(text).wholeBytes).toBeLessThanOrEqual(position);
        },
      ),
    );
  });

  it('does not take a line from another place', () => {
    const line = encodeLine(2, AT, { type: 'start', change: 'x' }).trimEnd();
    expect(decodeLine(line, 2)?.entry).toEqual({ type: 'start', change: 'x' });
    expect(decodeLine(line, 1)).toBeNull();
  });
});

describe('an id', () => {
  it('is the time, and later than all others even when the clock went back', () => {
    const first = nextId([], new Date('2026-11-23T12:00:00.000Z'));
    expect(first).toBe('20261123T120000.000Z');
    expect(nextId([first], new Date('2020-01-01T00:00:00.000Z'))).toBe('20261123T120000.001Z');
  });
});

describe('a verification in the journal', () => {
  it('is read with notes and, as earlier versions wrote it, without', () => {
    const answer = { title: { key: 'verify.title.private', params: {} }, passed: true, output: '' };
    const notes = [{ key: 'verify.private.no-charset', params: {} }];
    const entries: Entry[] = [
      { type: 'verified', answer },
      { type: 'verified', answer: { ...answer, notes } },
    ];
    const journal = parseJournal(journalOf(entries));
    expect(journal.lines.map((line) => line.entry)).toEqual(entries);
    expect(journalOf(entries.slice(0, 1)).toString()).not.toContain('notes');
  });
});
