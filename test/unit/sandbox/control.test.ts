import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  parseParagraph,
  parseParagraphs,
  upstreamVersion,
} from '../../../electron/engine/sandbox/control.ts';

function dpkgOrder(left: string, right: string): number {
  const is = (relation: string): boolean =>
    spawnSync('dpkg', ['--compare-versions', left, relation, right]).status === 0;
  return is('lt') ? -1 : is('gt') ? 1 : 0;
}

describe('package versions', () => {
  it.each([
    ['2.41-12+deb13u5', '2.41-12+deb13u10'],
    ['1:1.0', '2.0'],
    ['1.0~rc1', '1.0'],
    ['1.0', '1.0-1'],
    ['1.0-1', '1.0-1+b1'],
    ['2.9', '2.10'],
    ['1.0~~', '1.0~'],
    ['1a', '1+'],
    ['007', '7'],
  ])('%s and %s are ordered as dpkg orders them', (left, right) => {
    expect(Math.sign(compareVersions(left, right))).toBe(dpkgOrder(left, right));
    expect(Math.sign(compareVersions(right, left))).toBe(dpkgOrder(right, left));
  });

  it('are ordered as dpkg orders them, whatever they look like', () => {
    const part = fc.stringMatching(/^[0-9][0-9a-zA-Z.+~]{0,6}$/);
    const version = fc.tuple(part, fc.option(part)).map(([a, b]) => (b === null ? a : `${a}-${b}`));
    fc.assert(
      fc.property(version, version, (left, right) => {
        expect(Math.sign(compareVersions(left, right))).toBe(dpkgOrder(left, right));
      }),
      { numRuns: 60 },
    );
  });

  it('have an upstream part', () => {
    expect(upstreamVersion('2.41-12+deb13u5')).toBe('2.41');
    expect(upstreamVersion('1:2.47.3-0+deb13u1')).toBe('2.47.3');
    expect(upstreamVersion('2.43')).toBe('2.43');
  });
});

describe('control files', () => {
  it('have fields, continuation lines and comments', () => {
    const fields = parseParagraph('Name: a\n# no\nSHA256:\n 1 2 x\n 3 4 y\nEmpty:\n');
    expect([...fields]).toEqual([
      ['name', 'a'],
      ['sha256', '\n1 2 x\n3 4 y'],
      ['empty', ''],
    ]);
  });

  it('keep the first value of a field that is repeated, with nothing appended to it', () => {
    const fields = parseParagraph('Codename: trixie\nCodename: evil\n more\n');
    expect(fields.get('codename')).toBe('trixie');
  });

  it('are cut into paragraphs at empty lines', () => {
    expect(parseParagraphs('\n\nA: 1\n \n\nB: 2\r\n\r\nC: 3').map((one) => [...one])).toEqual([
      [['a', '1']],
      [['b', '2']],
      [['c', '3']],
    ]);
  });
});
