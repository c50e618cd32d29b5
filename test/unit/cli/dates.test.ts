import { describe, expect, it } from 'vitest';
import { dayOrTime } from '../../../electron/cli/dates.ts';

describe('a date on the command line', () => {
  it('is a whole day where the reader lives', () => {
    const start = dayOrTime('2026-11-23', 'start');
    const end = dayOrTime('2026-11-23', 'end');
    expect([start?.getDate(), start?.getHours(), start?.getMinutes()]).toEqual([23, 0, 0]);
    expect([end?.getDate(), end?.getHours(), end?.getMilliseconds()]).toEqual([23, 23, 999]);
  });

  it('is a time where one is given', () => {
    expect(dayOrTime('2026-11-23T14:02:00Z', 'end')?.toISOString()).toBe(
      '2026-11-23T14:02:00.000Z',
    );
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '23.11.2026',
    '2026-11',
    '2026-11-23T99:00',
  ])('%j is none', (text) => expect(dayOrTime(text, 'start')).toBeNull());
});
