import type { Evidence, Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { ProbeData, Snapshot } from '../../../shared/snapshot.ts';
import { compareNumbers } from '../numeric-version.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';

type Package = ProbeData<'packages'>['packages'][number];
type Unowned = NonNullable<ProbeData<'packages'>['unowned']>[number];

/**
 * The C or C++ library that the loader takes is not what the package manager
 * installed: another file, a changed one, or one whose own release and version
 * definitions do not fit the package's version. The next update may undo it, or
 * break what was built for it.
 */
export const libcReplaced: Check = {
  id: 'libc-replaced',
  title: message('check.replaced.name'),
  reads: ['packages', 'libc'],
  run: (snapshot) => {
    const data = snapshot.probes.packages.data;
    const packages = data?.packages ?? [];
    const unowned = data?.unowned ?? [];
    const replaced = packages.flatMap((one) => judge(one, snapshot) ?? []);
    const findings = [...replaced, ...unowned.map((one) => ownerless(one, snapshot))];
    const unread = data?.manager === 'rpm' && packages.length + unowned.length === 0;
    return {
      findings,
      unchecked: unread
        ? [
            {
              id: findingId('libc-replaced', ['unread']),
              check: 'libc-replaced',
              title: message('check.replaced.name'),
              reason: message('check.replaced.unread'),
              problem: snapshot.probes.packages.problems[0] ?? null,
            },
          ]
        : [],
      passed: packages.length - replaced.length,
    };
  },
};

function judge(one: Package, snapshot: Snapshot): Omit<Finding, 'repairs'> | null {
  const { libc } = snapshot.probes.libc.data ?? { libc: null };
  const file = snapshot.probes.packages.data?.libcFile ?? null;
  const release = one.library === 'libc.so.6' ? (file?.release ?? null) : null;
  const expected = /^(?:\d+:)?(\d+\.\d+)/.exec(one.version)?.[1] ?? null;
  const highest = one.library === 'libc.so.6' ? (libc?.highest['GLIBC'] ?? null) : null;
  const otherRelease =
    expected !== null &&
    ((release !== null && isOther(release, expected)) ||
      (highest !== null && compareNumbers(highest, expected) > 0));
  const how = otherRelease
    ? 'release'
    : one.owns === false
      ? 'foreign'
      : one.intact === false
        ? 'changed'
        : null;
  if (how === null) return null;
  const path = one.library === 'libc.so.6' ? (libc?.path ?? one.library) : one.library;
  const params = {
    library: one.library,
    package: one.name,
    version: one.version,
    release: release ?? highest ?? '',
    path,
  };
  const measured = measuredAt(snapshot);
  return {
    id: findingId('libc-replaced', [one.library, how, one.version]),
    check: 'libc-replaced',
    severity: 'warning',
    title: message('check.replaced.title', params),
    summary: message(`check.replaced.summary.${how}`, params),
    headline: message('check.replaced.headline', params),
    impact: message('check.replaced.impact', params),
    evidence: [
      measured('check.replaced.package', `${one.name} ${one.version}`),
      measured('check.replaced.file', file?.banner ?? path),
      ...(highest === null ? [] : [measured('check.replaced.defines', `GLIBC_${highest}`)]),
    ],
    affected: [path],
  };
}

/** A library that the loader takes and no package has brought: copied in, or built by hand. */
function ownerless({ library, path }: Unowned, snapshot: Snapshot): Omit<Finding, 'repairs'> {
  const banner = library === 'libc.so.6' ? snapshot.probes.packages.data?.libcFile?.banner : null;
  const params = { library, path };
  return {
    id: findingId('libc-replaced', [library, 'unowned', path]),
    check: 'libc-replaced',
    severity: 'warning',
    title: message('check.replaced.unowned.title', params),
    summary: message('check.replaced.unowned.summary', params),
    headline: message('check.replaced.unowned.headline', params),
    impact: message('check.replaced.unowned.impact', params),
    evidence: [measuredAt(snapshot)('check.replaced.file', banner ?? path)],
    affected: [path],
  };
}

function measuredAt({ takenAt }: Snapshot): (key: string, value: string) => Evidence {
  return (key, value) => ({ kind: 'measured', label: message(key), value, at: takenAt });
}

/** A development release calls itself 2.41.9000 and is packaged as 2.42: no contradiction. */
function isOther(release: string, expected: string): boolean {
  return !/\.9\d{2,}$/.test(release) && compareNumbers(release, expected) !== 0;
}
