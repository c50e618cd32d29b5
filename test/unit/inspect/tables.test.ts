import { describe, expect, it } from 'vitest';
import { tables } from '../../../electron/engine/data/tables.ts';
import { answerOf, glibcFloor, newestFirst } from '../../../electron/engine/inspect/needs.ts';

describe('the tables of the matrix', () => {
  it('have the form stated for them, each id once, and every source is named', () => {
    const { distributions, vscode, goExtensions, goTools } = tables();
    const ids = distributions.systems.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(130);
    for (const { source } of distributions.systems) {
      expect(distributions.sources).toHaveProperty(source);
    }
    for (const { source } of vscode.releases) expect(vscode.sources).toHaveProperty(source);
    expect(vscode.releases.length).toBeGreaterThan(170);
    expect(goExtensions.releases.length).toBeGreaterThan(50);
    expect(goTools.dlv.at(-1)).toMatchObject({ minimumGo: '1.25', maximumGo: '1.27' });
  });

  it('keep the turning points: VS Code 1.86.0 and 1.99 insist on glibc 2.28, between them it asks', () => {
    const policy = (version: string): string | undefined =>
      tables().vscode.releases.find((one) => one.version === version)?.serverPolicy;
    expect(['1.85.2', '1.86.0', '1.86.1', '1.98.2', '1.99.0'].map(policy)).toEqual([
      'old',
      'hard',
      'dialog',
      'dialog',
      'hard',
    ]);
  });
});

describe('a version against a release that is known by its number', () => {
  const debian12 = { glibc: '2.36', glibcxx: { version: '3.4.30', verified: true } };

  it.each([
    ['GLIBC_2.34', 'there'],
    ['GLIBC_2.9', 'there'],
    ['GLIBC_2.38', 'lacks'],
    ['GLIBC_ABI_DT_RELR', 'there'],
    ['GLIBC_ABI_GNU2_TLS', 'lacks'],
    ['GLIBC_PRIVATE', 'unknown'],
    ['GLIBC_ABI_NEVER_HEARD', 'unknown'],
    ['GLIBCXX_3.4.30', 'there'],
    ['GLIBCXX_3.4.31', 'lacks'],
    ['CXXABI_1.3.13', 'there'],
    ['GCC_3.0', 'there'],
  ])('%s: %s', (version, answer) => {
    expect(answerOf(version, debian12)).toBe(answer);
  });

  it('may have been taken over by a distribution: then nobody says no', () => {
    expect(answerOf('GLIBC_ABI_GNU2_TLS', { glibc: '2.41', glibcxx: null })).toBe('unknown');
    expect(answerOf('GLIBCXX_3.4.30', { glibc: '2.41', glibcxx: null })).toBe('unknown');
  });

  it('the floor is the highest release among the needs, by number and not by text', () => {
    const need = (version: string) => ({
      library: 'libc.so.6',
      version,
      symbols: [],
      requiredBy: '/bin/x',
    });
    const needs = ['GLIBC_2.9', 'GLIBCXX_3.4.30', 'GLIBC_2.34', 'GLIBC_ABI_DT_RELR'].map(need);
    expect(glibcFloor(needs)).toBe('2.36');
    expect(newestFirst(needs).map(({ version }) => version)).toEqual([
      'GLIBC_ABI_DT_RELR',
      'GLIBC_2.34',
      'GLIBC_2.9',
      'GLIBCXX_3.4.30',
    ]);
  });
});
