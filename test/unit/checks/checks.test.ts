import { describe, expect, it } from 'vitest';
import { checks } from '../../../electron/engine/checks/registry.ts';
import { judge, selectChecks } from '../../../electron/engine/scan.ts';
import { findingSchema } from '../../../shared/finding.ts';
import { translate } from '../../../shared/messages/translate.ts';
import type { DependencyReport } from '../../../shared/elf.ts';
import type { Program, ProgramReference, Snapshot } from '../../../shared/snapshot.ts';
import { program, snapshot, startingReport } from '../../fixtures/snapshots.ts';

const git = '/home/user/opt/git/bin/git';
const pcre = '/lib/x86_64-linux-gnu/libpcre2-8.so.0';
const libc = '/lib/x86_64-linux-gnu/libc.so.6';

const gitPath: ProgramReference = {
  kind: 'setting',
  file: '/home/user/.config/Code/User/settings.json',
  target: null,
  line: 14,
  jsonPath: ['git.path'],
  setting: 'git.path',
  value: git,
  editorId: 'e1',
  editorName: 'Visual Studio Code',
};

function lacks(version: string, changes: Partial<DependencyReport['versionErrors'][number]> = {}) {
  return {
    library: 'libc.so.6',
    version,
    requiredBy: git,
    weak: false,
    path: libc,
    symbols: ['__isoc23_strtol'],
    ...changes,
  };
}

function failing(
  errors: DependencyReport['versionErrors'],
  changes: Partial<Program> = {},
): Program {
  const report = startingReport(git, { verdict: 'fails', versionErrors: errors });
  return program(git, { report, references: [gitPath], ...changes });
}

function scan(given: Snapshot) {
  return judge(given, checks);
}

describe('glibc-version-missing', () => {
  it('names program, version, what is there, the symbols and the setting', () => {
    const { findings } = scan(snapshot([failing([lacks('GLIBC_2.38')])]));
    expect(findings).toHaveLength(1);
    const [finding] = findings;
    expect(findingSchema.parse(finding)).toEqual(finding);
    expect(finding?.severity).toBe('error');
    expect(translate('en', finding!.title)).toBe('git does not start');
    expect(translate('en', finding!.summary)).toBe('needs GLIBC_2.38, this system has 2.36');
    expect(translate('en', finding!.headline)).toBe(
      'git does not start: the C library is too old for it',
    );
    expect(translate('en', finding!.impact)).toContain('source control');
    expect(finding?.evidence[0]).toMatchObject({
      kind: 'version-chain',
      version: 'GLIBC_2.38',
      symbols: ['__isoc23_strtol'],
      present: '2.36',
      hops: [
        { name: 'git', path: git, state: 'ok' },
        { name: 'libc.so.6', path: libc, state: 'broken', foundBy: 'cache' },
      ],
    });
    expect(finding?.evidence).toContainEqual({ kind: 'reference', reference: gitPath });
  });

  it('draws the whole chain when a library in between is the one that asks', () => {
    const { findings } = scan(snapshot([failing([lacks('GLIBC_2.38', { requiredBy: pcre })])]));
    const [evidence] = findings[0]!.evidence;
    expect(evidence?.kind === 'version-chain' && evidence.hops.map((hop) => hop.name)).toEqual([
      'git',
      'libpcre2-8.so.0',
      'libc.so.6',
    ]);
  });

  it('shows the highest missing version first, ordered by number', () => {
    const { findings } = scan(snapshot([failing([lacks('GLIBC_2.4'), lacks('GLIBC_2.38')])]));
    expect(findings[0]?.summary.params['version']).toBe('GLIBC_2.38');
  });

  it('warns only, when every missing version is a weak need and the program starts', () => {
    const report = startingReport(git, {
      verdict: 'starts',
      versionErrors: [lacks('GLIBC_2.38', { weak: true })],
    });
    const { findings } = scan(snapshot([program(git, { report })]));
    expect(findings[0]?.severity).toBe('warning');
    expect(translate('en', findings[0]!.title)).toBe('git may stop while it runs');
  });

  it('keeps a finding’s id from scan to scan, and changes it with the fact', () => {
    const id = (errors: DependencyReport['versionErrors'], at: string) =>
      scan({ ...snapshot([failing(errors)]), takenAt: at }).findings[0]?.id;
    const both = [lacks('GLIBC_2.38'), lacks('GLIBC_2.37')];
    expect(id(both, '2026-01-01T00:00:00Z')).toBe(id([...both].reverse(), '2026-02-02T00:00:00Z'));
    expect(id(both, '')).not.toBe(id([lacks('GLIBC_2.38')], ''));
    expect(id(both, '')).toMatch(/^glibc-version-missing:[0-9a-f]{8}$/);
  });
});

describe('library-missing', () => {
  it('says which library is nowhere, who asks for it and where it was looked for', () => {
    const report = startingReport(git, {
      verdict: 'fails',
      missing: [{ soname: 'libfoo.so.1', requiredBy: [pcre], searched: ['/opt/lib'] }],
    });
    const { findings } = scan(snapshot([program(git, { report })]));
    expect(translate('en', findings[0]!.headline)).toBe(
      'git does not start: libfoo.so.1 is missing',
    );
    expect(findings[0]?.evidence[0]).toMatchObject({
      kind: 'missing-chain',
      searched: ['/opt/lib'],
      hops: [
        { name: 'git' },
        { name: 'libpcre2-8.so.0' },
        { name: 'libfoo.so.1', state: 'broken' },
      ],
    });
  });

  it('reports a missing version of a library outside the C runtime, which no glibc mends', () => {
    const report = startingReport(git, {
      verdict: 'fails',
      versionErrors: [lacks('OPENSSL_3.2.0', { library: 'libssl.so.3', path: '/lib/libssl.so.3' })],
    });
    const { findings } = scan(snapshot([program(git, { report })]));
    expect(findings.map((finding) => finding.check)).toEqual(['library-missing']);
    expect(findings[0]?.repairs).toEqual([]);
  });

  it('says when the loader itself is missing', () => {
    const report = startingReport(git, {
      verdict: 'fails',
      reason: 'interpreter-missing',
      interpreter: '/lib64/ld-missing.so.2',
      objects: [],
    });
    const { findings } = scan(snapshot([program(git, { report })]));
    expect(translate('en', findings[0]!.headline)).toContain('the loader it names is missing');
  });
});

describe('what could not be checked', () => {
  it('is never shown as fine: an unreadable program is listed once, with the reason', () => {
    const problem = { code: 'not-permitted' as const, path: git, detail: 'EACCES' };
    const report = scan(snapshot([program(git, { report: null, elf: null, problem })]));
    expect(report.findings).toEqual([]);
    expect(report.unchecked).toHaveLength(1);
    expect(translate('en', report.unchecked[0]!.reason)).toContain('may not be read');
    expect(report.passed.every(({ examined }) => examined === 0)).toBe(true);
  });

  it('covers a probe without an answer: its checks do not run', () => {
    const given = snapshot([]);
    const failed = { status: 'failed' as const, problems: [], ms: 1, data: null };
    const report = scan({ ...given, probes: { ...given.probes, programs: failed } });
    // The package of the C library says nothing of programs, and is judged all the same.
    expect(report.passed.map(({ check }) => check)).toEqual(['libc-replaced']);
    expect(report.unchecked.length).toBeGreaterThan(0);
  });

  it('says where a settings file breaks off', () => {
    const given = snapshot([]);
    const file = {
      file: '/home/user/.config/Code/User/settings.json',
      target: null,
      editorId: 'e1',
      editorName: 'Visual Studio Code',
      errors: [{ line: 7, code: 'InvalidSymbol' }],
    };
    given.probes['editor-settings'].data?.files.push(file);
    expect(translate('en', scan(given).unchecked[0]!.reason)).toContain('from line 7 on');
  });

  it('leaves static programs and scripts alone: there is nothing for the loader to refuse', () => {
    const report = startingReport(git, { verdict: 'unknown', reason: 'static', objects: [] });
    expect(scan(snapshot([program(git, { report })])).unchecked).toEqual([]);
  });
});

describe('the repair on offer', () => {
  it('is a copy by default, and the program itself where only PATH names it', () => {
    const use = (references: ProgramReference[]) =>
      scan(snapshot([failing([lacks('GLIBC_2.38')], { references })])).findings[0]?.repairs[0]
        ?.choices[0]?.default;
    expect(use([gitPath])).toBe('copy');
    expect(use([{ kind: 'path', directory: '/home/user/go/bin', name: 'git' }])).toBe('in-place');
  });

  it('is refused, with the reason, for a setuid program and for another root', () => {
    const setuid = failing([lacks('GLIBC_2.38')]);
    const privileged = { ...setuid, file: { ...setuid.file!, privileged: true } };
    const refused = (given: Snapshot) => scan(given).findings[0]?.repairs[0]?.refused;
    expect(translate('en', refused(snapshot([privileged]))!)).toContain('extra rights');
    expect(translate('en', refused(snapshot([setuid], '/mnt/disk'))!)).toContain('another root');
    expect(refused(snapshot([setuid]))).toBeNull();
  });
});

describe('the choice of checks', () => {
  it('names the checks there are when asked for one there is not', () => {
    const answer = selectChecks(['glibc-version-mising']);
    expect(answer).toMatchObject({ ok: false, error: { code: 'unknown-check' } });
  });
});
