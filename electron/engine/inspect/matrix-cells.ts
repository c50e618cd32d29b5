import type { ForcedNeed } from '../../../shared/component.ts';
import type { MatrixVerdict } from '../../../shared/matrix.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { DistributionRelease } from '../data/tables.ts';
import { answerOf, newestFirst, type KnownRuntime } from './needs.ts';
import type { Subject } from './matrix-rows.ts';

/** What stands in a cell. */
export interface Judgement {
  readonly verdict: MatrixVerdict;
  readonly reason: Message;
}

/** Would this start on a release of the table, as far as its C and C++ runtime decides? */
export function judgeOn(subject: Subject, system: DistributionRelease): Judgement {
  if (subject.libc === 'static') {
    return { verdict: 'runs', reason: message('matrix.reason.static') };
  }
  if (subject.libc !== system.libc) {
    const params = { asked: subject.libc, has: system.libc, system: nameOf(system) };
    return { verdict: 'fails', reason: message('matrix.reason.other-libc', params) };
  }
  if (subject.libc === 'musl') {
    return {
      verdict: 'unknown',
      reason: message('matrix.reason.musl', { system: nameOf(system), has: system.libcVersion }),
    };
  }
  if (subject.needs === null) {
    return { verdict: 'unknown', reason: message('matrix.reason.not-read') };
  }
  return judgeNeeds(subject.needs, system);
}

function judgeNeeds(needs: readonly ForcedNeed[], system: DistributionRelease): Judgement {
  const runtime: KnownRuntime = { glibc: system.libcVersion, glibcxx: system.glibcxx ?? null };
  const sorted = newestFirst(needs);
  const lacking = sorted.find(({ version }) => answerOf(version, runtime) === 'lacks');
  if (lacking !== undefined) {
    return { verdict: 'fails', reason: reasonOf('lacks', lacking, system) };
  }
  const open = sorted.find(({ version }) => answerOf(version, runtime) === 'unknown');
  if (open !== undefined) {
    return { verdict: 'unknown', reason: reasonOf(openKey(open, system), open, system) };
  }
  const [highest] = sorted;
  return {
    verdict: 'runs',
    reason:
      highest === undefined ? message('matrix.reason.none') : reasonOf('enough', highest, system),
  };
}

/** Why it cannot be told: the table has no number, or one that nobody has read from a file. */
function openKey(
  { version }: ForcedNeed,
  { glibcxx }: DistributionRelease,
): 'private' | 'open' | 'open-unverified' {
  if (version === 'GLIBC_PRIVATE') return 'private';
  const isCxx = /^(?:GLIBCXX|CXXABI)_\d/.test(version);
  return isCxx && glibcxx !== undefined ? 'open-unverified' : 'open';
}

function reasonOf(
  key: 'lacks' | 'private' | 'open' | 'open-unverified' | 'enough',
  need: ForcedNeed,
  system: DistributionRelease,
): Message {
  const [symbol] = need.symbols;
  const what = symbol === undefined ? need.version : `${symbol}@${need.version}`;
  return message(`matrix.reason.${key}`, {
    asking: need.requiredBy,
    what,
    library: need.library,
    system: nameOf(system),
    has: system.libcVersion,
    thought: system.glibcxx?.version ?? '',
  });
}

/** `Debian 12`. */
export function nameOf(system: DistributionRelease): string {
  return `${system.name} ${system.version}`;
}

/** The same question for the machine that was scanned: answered by its own files. */
export function judgeHere({ report, libc }: Subject): Judgement {
  if (report.verdict === 'starts') {
    return {
      verdict: 'runs',
      reason: message(libc === 'static' ? 'matrix.reason.static' : 'matrix.reason.here.starts'),
    };
  }
  const verdict = report.verdict === 'fails' ? 'fails' : 'unknown';
  const error = report.versionErrors.find((one) => !one.weak);
  if (error !== undefined) {
    const [symbol] = error.symbols;
    const what = symbol === undefined ? error.version : `${symbol}@${error.version}`;
    const params = { asking: error.requiredBy, what, path: error.path };
    return { verdict, reason: message('matrix.reason.here.lacks', params) };
  }
  const [missing] = report.missing;
  if (missing !== undefined) {
    const params = { asking: missing.requiredBy[0] ?? report.file, soname: missing.soname };
    return { verdict, reason: message('matrix.reason.here.missing', params) };
  }
  const [symbol] = report.symbolErrors;
  if (symbol !== undefined) {
    const params = { asking: symbol.requiredBy, symbol: symbol.symbol };
    return { verdict, reason: message('matrix.reason.here.symbol', params) };
  }
  return { verdict, reason: message(`matrix.reason.here.${verdict}`, { path: report.file }) };
}
