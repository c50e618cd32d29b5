import type { ProbeProblem } from '../../../shared/snapshot.ts';
import type { Files } from './files.ts';
import type { Probe, ProbeAnswer } from './probe.ts';
import { problem } from './problems.ts';

const FIELDS_LIMIT = 64 * 1024;

/**
 * Which distribution this is, by os-release(5): `/etc/os-release`, then
 * `/usr/lib/os-release`. Systems older than that file are known by
 * `/etc/debian_version` alone.
 */
export const distributionProbe: Probe<'distribution'> = {
  id: 'distribution',
  after: [],
  timeoutMs: 2_000,
  run: ({ files }) => Promise.resolve(examine(files)),
};

function examine(files: Files): ProbeAnswer<'distribution'> {
  const problems: ProbeProblem[] = [];
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const text = files.readText(path, FIELDS_LIMIT);
    if (text.ok) return answer(parseOsRelease(text.value), problems);
    if (text.problem.code !== 'not-found') problems.push(text.problem);
  }
  return fromDebianVersion(files, problems);
}

/**
 * Reads `KEY=value` lines with the shell quoting that os-release(5) allows.
 * Lines of any other shape are left out, as the man page asks of readers.
 */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    // The end is trimmed afterwards: `(.*?)\s*$` takes quadratic time on a long run of blanks.
    const match = /^\s*([A-Z][A-Z0-9_]*)=([^]*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined)
      fields.set(match[1], unquote(match[2].trimEnd()));
  }
  return fields;
}

function unquote(value: string): string {
  const quote = value[0];
  if (value.length < 2 || (quote !== '"' && quote !== "'") || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === "'" ? inner : inner.replace(/\\(["$`\\])/g, '$1');
}

function answer(
  fields: ReadonlyMap<string, string>,
  problems: readonly ProbeProblem[],
): ProbeAnswer<'distribution'> {
  const id = fields.get('ID') ?? 'linux';
  const versionId = fields.get('VERSION_ID') ?? null;
  return {
    status: problems.length === 0 ? 'ok' : 'partial',
    problems,
    data: {
      id,
      idLike: (fields.get('ID_LIKE') ?? '').split(/\s+/).filter((word) => word !== ''),
      versionId,
      codename: fields.get('VERSION_CODENAME') ?? null,
      prettyName:
        fields.get('PRETTY_NAME') ??
        [fields.get('NAME') ?? id, versionId].filter((word) => word !== null).join(' '),
    },
  };
}

function fromDebianVersion(
  files: Files,
  problems: readonly ProbeProblem[],
): ProbeAnswer<'distribution'> {
  const text = files.readText('/etc/debian_version', FIELDS_LIMIT);
  if (!text.ok) {
    const reasons = problems.length > 0 ? problems : [problem('not-found', '/etc/os-release')];
    const denied = reasons.some((reason) => reason.code === 'not-permitted');
    return { status: denied ? 'denied' : 'failed', problems: reasons, data: null };
  }
  // "12.5" on a release, "trixie/sid" on testing, where there is no number yet.
  const version = text.value.trim();
  const numeric = /^\d/.test(version);
  const data = {
    id: 'debian',
    idLike: [],
    versionId: numeric ? (/^\d+/.exec(version)?.[0] ?? null) : null,
    codename: numeric ? null : (version.split('/')[0] ?? null),
    prettyName: `Debian ${version}`,
  };
  return { status: problems.length === 0 ? 'ok' : 'partial', problems, data };
}
