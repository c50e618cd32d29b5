import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../electron/cli/render/layout.ts';
import { renderMatrix } from '../../../electron/cli/render/matrix.ts';
import { matrixReportSchema } from '../../../shared/matrix.ts';
import { message } from '../../../shared/message.ts';
import { view } from './fixtures.ts';

const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index);

/** As many kinds of programs as there are systems: each runs from its own system on. */
function manyPrograms(count: number) {
  const glibc = (index: number): string => `2.${20 + index}`;
  return matrixReportSchema.parse({
    schema: 'devmend.matrix/1',
    takenAt: '2026-11-23T14:02:00.000Z',
    systems: numbers(count).map((index) => ({
      id: index === 0 ? 'this-machine' : `system-${index}`,
      name: index === 1 ? 'A Distribution with a Name of Many Words' : 'Distribution',
      version: `${index}`,
      libc: 'glibc',
      libcVersion: glibc(index),
      endOfLife: null,
      verified: true,
      source: 'a page',
    })),
    rows: numbers(count).map((row) => ({
      id: `row-${row}`,
      name: `program-${row}`,
      path: `/opt/program-${row}`,
      kind: 'program',
      needs: [],
      glibcFloor: glibc(row),
      cells: numbers(count).map((index) => ({
        system: index === 0 ? 'this-machine' : `system-${index}`,
        verdict: index >= row ? 'runs' : 'fails',
        reason: message('cli.matrix.none'),
      })),
    })),
    editors: [],
    goExtensions: [],
    goTools: [],
    tables: [
      {
        name: 'distributions',
        built: '2026-11-23',
        source: 'one page, another page; and more '.repeat(6),
      },
    ],
  });
}

describe('the compatibility table', () => {
  it.each([
    ['en', 80],
    ['zh-CN', 80],
    ['en', 40],
    ['zh-CN', 40],
    ['en', 110],
  ] as const)(
    'in %s fits %i columns, however many kinds of programs there are',
    (language, columns) => {
      const lines = renderMatrix(view({ language, columns }), manyPrograms(30), true);
      const tooWide = lines.filter((line) => columnsOf(line) > columns);
      expect(tooWide).toEqual([]);
      expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
    },
  );

  it('goes on below, with every column in one of the parts', () => {
    const lines = renderMatrix(view({ columns: 60 }), manyPrograms(12), true);
    const heads = lines.filter((line) => /^ +libc +\d/.test(line));
    expect(heads.length).toBeGreaterThan(1);
    const columns = heads.flatMap((line) => line.trim().split(/\s+/).slice(1));
    expect(columns).toEqual(numbers(12).map((index) => `${index + 1}`));
    const last = lines.filter((line) => line.startsWith('Distribution 11 '));
    expect(last).toHaveLength(heads.length);
    expect(last.join('').match(/\+/g)).toHaveLength(12);
  });
});
