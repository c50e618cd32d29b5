import { describe, expect, it } from 'vitest';
import { glibcBoundary } from '../../../electron/engine/checks/glibc-boundary.ts';
import { translate } from '../../../shared/messages/translate.ts';
import { libcReplaced } from '../../../electron/engine/checks/libc-replaced.ts';
import type { ProbeData, Snapshot } from '../../../shared/snapshot.ts';
import { program, snapshot } from '../../fixtures/snapshots.ts';

type Packages = ProbeData<'packages'>;

function machine(packages: Partial<Packages>): Snapshot {
  const gopls = program('/home/user/go/bin/gopls');
  const need = {
    library: 'libc.so.6',
    version: 'GLIBC_2.34',
    symbols: ['__libc_start_main'],
    requiredBy: gopls.path,
  };
  const elf = gopls.elf === null ? null : { ...gopls.elf, needs: [need] };
  const base = snapshot([{ ...gopls, elf }]);
  const data: Packages = { manager: 'dpkg', packages: [], candidates: [], libcFile: null };
  const slot = { ...base.probes.packages, data: { ...data, ...packages } };
  return { ...base, probes: { ...base.probes, packages: slot } };
}

const libc6 = {
  library: 'libc.so.6',
  name: 'libc6',
  version: '2.36-9+deb12u14',
  architecture: 'amd64',
  held: false,
  owns: true,
  intact: true,
};
const file = (release: string): Packages['libcFile'] => ({
  path: '/lib/x86_64-linux-gnu/libc.so.6',
  release,
  banner: `GNU C Library (Debian GLIBC) stable release version ${release}.`,
  buildId: null,
});

describe('a glibc package on offer', () => {
  const offered = (version: string, direction: 'upgrade' | 'downgrade'): Snapshot =>
    machine({ candidates: [{ name: 'libc6', version, origin: 'bullseye', direction }] });

  it('that lacks what a program depends on is a warning that names program, symbol and version', () => {
    const { findings } = glibcBoundary.run(offered('2.31-13+deb11u11', 'downgrade'));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      severity: 'warning',
      affected: ['/home/user/go/bin/gopls'],
    });
    expect(findings[0]?.summary.params).toMatchObject({
      program: 'gopls',
      what: '__libc_start_main@GLIBC_2.34',
    });
  });

  it('of the same release, or newer, crosses no boundary', () => {
    expect(glibcBoundary.run(offered('2.36-9+deb12u7', 'downgrade')).findings).toEqual([]);
    expect(glibcBoundary.run(offered('2.41-12', 'upgrade')).findings).toEqual([]);
  });
});

describe('the C library beside its package', () => {
  it('is fine where the file is the one that was installed', () => {
    const outcome = libcReplaced.run(machine({ packages: [libc6], libcFile: file('2.36') }));
    expect(outcome).toMatchObject({ findings: [], passed: 1 });
  });

  it.each([
    ['release', { packages: [libc6], libcFile: file('2.41') }],
    ['foreign', { packages: [{ ...libc6, owns: false }], libcFile: file('2.36') }],
    ['changed', { packages: [{ ...libc6, intact: false }], libcFile: file('2.36') }],
    ['release', { packages: [{ ...libc6, version: '2.31-13' }], libcFile: file('2.36') }],
  ])('is a finding where it is of another %s', (how, packages) => {
    const { findings } = libcReplaced.run(machine(packages));
    expect(findings.map(({ summary }) => summary.key)).toEqual([`check.replaced.summary.${how}`]);
  });

  it('is a finding where rpm says that no package has brought it', () => {
    const unowned = [{ library: 'libc.so.6', path: '/usr/lib64/libc.so.6' }];
    const outcome = libcReplaced.run(machine({ manager: 'rpm', unowned }));
    expect(outcome.unchecked).toEqual([]);
    expect(outcome.findings).toMatchObject([
      { title: { key: 'check.replaced.unowned.title' }, affected: ['/usr/lib64/libc.so.6'] },
    ]);
    const whole = JSON.stringify(outcome.findings.map(({ impact }) => translate('en', impact)));
    expect(whole).toContain('/usr/lib64/libc.so.6');
  });

  it('is not called fine where only rpm could say', () => {
    expect(libcReplaced.run(machine({ manager: 'rpm' })).unchecked).toHaveLength(1);
  });
});
