import { describe, expect, it } from 'vitest';
import { checks } from '../../../electron/engine/checks/registry.ts';
import { componentReason } from '../../../electron/engine/checks/component-state.ts';
import { judge } from '../../../electron/engine/scan.ts';
import type { Component } from '../../../shared/component.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import { findingSchema, type Finding } from '../../../shared/finding.ts';
import { translate } from '../../../shared/messages/translate.ts';
import { program, snapshot, startingReport } from '../../fixtures/snapshots.ts';

const git = '/home/user/opt/git/bin/git';
const pcre = '/lib/x86_64-linux-gnu/libpcre2-8.so.0';

function findingFor(changes: Partial<DependencyReport>): Finding {
  const report = startingReport(git, { verdict: 'fails', ...changes });
  const { findings } = judge(snapshot([program(git, { report })]), checks);
  expect(findings.map((finding) => finding.check)).toEqual(['start-refused']);
  const [finding] = findings;
  findingSchema.parse(finding);
  return finding!;
}

describe.each([
  ['relr-unmarked', 'as it was linked'],
  ['processor-level', 'newer processor'],
] as const)('a start refused as %s', (reason, words) => {
  it('names the file, and offers no private glibc, which would not help', () => {
    const finding = findingFor({ reason, refused: pcre });
    expect(translate('en', finding.headline)).toContain('libpcre2-8.so.0');
    expect(translate('en', finding.headline)).toContain(words);
    expect(finding.repairs).toEqual([]);
    expect(finding.affected).toEqual([git, pcre]);
    expect(finding.evidence[0]).toMatchObject({
      hops: [
        { name: 'git', state: 'ok' },
        { name: 'libpcre2-8.so.0', state: 'broken' },
      ],
    });
  });

  it('may be about the program itself', () => {
    const finding = findingFor({ reason, refused: git });
    expect(finding.evidence[0]).toMatchObject({ kind: 'measured', value: git });
  });

  it('is said of a component in one line', () => {
    const report = startingReport(git, { verdict: 'fails', reason, refused: pcre });
    const component: Component = {
      id: 'c',
      editorId: null,
      role: 'go-tool',
      name: 'git',
      path: git,
      realPath: git,
      loadedBy: null,
      foundBy: 'path',
      variant: 'loads',
      extension: null,
      needs: null,
      report,
      problem: null,
    };
    const line = componentReason(component, snapshot([]));
    expect(line === null ? '' : translate('en', line)).toContain('libpcre2-8.so.0');
  });
});

describe('a program that nobody may execute', () => {
  it('is a finding that says how to mend it', () => {
    const finding = findingFor({ reason: 'not-executable' });
    expect(translate('en', finding.headline)).toBe('git does not start: nobody may execute it');
    expect(translate('en', finding.impact)).toContain(`chmod +x ${git}`);
    expect(finding).toMatchObject({ repairs: [], affected: [git] });
  });
});
