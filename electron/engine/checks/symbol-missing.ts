import type { DependencyReport } from '../../../shared/elf.ts';
import type { Evidence, Finding } from '../../../shared/finding.ts';
import { message } from '../../../shared/message.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import type { Check } from './check.ts';
import { findingId } from './identity.ts';
import { builtForOtherLibc } from './other-libc.ts';
import { judgePrograms, usageOf } from './programs.ts';

/**
 * Every library is there in a version that fits by its name, and yet lacks a
 * function that is asked for: a library of another build, or one cut down. Where
 * the program only dies on the first call, it is said for the program's own
 * needs; of libraries' it would be said for everything that uses them.
 */
export const symbolMissing: Check = {
  id: 'symbol-missing',
  title: message('check.symbol.name'),
  reads: ['programs', 'libc'],
  run: (snapshot) => ({ ...judgePrograms(snapshot, judge), unchecked: [] }),
};

function judge(program: Program, snapshot: Snapshot): Omit<Finding, 'repairs'>[] {
  const { report } = program;
  if (report === null || builtForOtherLibc(program, snapshot) !== null) return [];
  // Missing libraries and versions come with missing symbols: those findings name the cause.
  if (report.missing.length > 0 || report.versionErrors.some((error) => !error.weak)) return [];
  const starts = report.verdict === 'starts';
  const errors = report.symbolErrors.filter(
    (error) => (!starts || error.requiredBy === report.file) && !lacksVersion(error, report),
  );
  const [first] = errors;
  if (first === undefined) return [];
  const usage = usageOf(program);
  const state = starts ? 'weak' : 'fails';
  const params = {
    program: program.name,
    symbol: first.symbol,
    count: errors.length,
    more: errors.length - 1,
    editor: usage.editor,
  };
  return [
    {
      id: findingId('symbol-missing', [
        program.realPath ?? program.path,
        ...errors.map((error) => `${error.symbol} ${error.version ?? ''}`).sort(),
      ]),
      check: 'symbol-missing',
      severity: starts ? 'warning' : 'error',
      title: message(`check.symbol.title.${state}`, params),
      summary: message('check.symbol.summary', params),
      headline: message(`check.symbol.headline.${state}`, params),
      impact: message(`check.symbol.impact.${state}`, params),
      evidence: [
        ...errors.map((error): Evidence => ({
          kind: 'measured',
          label: message('check.evidence.symbol', { path: error.requiredBy }),
          value: error.version === null ? error.symbol : `${error.symbol}@${error.version}`,
          at: snapshot.takenAt,
        })),
        ...program.references.map((reference): Evidence => ({ kind: 'reference', reference })),
      ],
      affected: [program.path, ...new Set(errors.map((error) => error.requiredBy))].filter(
        (path, index, all) => all.indexOf(path) === index,
      ),
    },
  ];
}

/** The finding about the weak version names this symbol. */
function lacksVersion(
  { requiredBy, version }: DependencyReport['symbolErrors'][number],
  { versionErrors }: DependencyReport,
): boolean {
  return versionErrors.some((one) => one.version === version && one.requiredBy === requiredBy);
}
