import type { DependencyReport } from '../../../shared/elf.ts';
import { columnsOf, wrap } from './layout.ts';
import { say, type View } from './view.ts';

type Objects = DependencyReport['objects'];

/** The tree of libraries as the loader would load them, what is wrong, and the verdict. */
export function renderDependencies(view: View, report: DependencyReport): readonly string[] {
  return [
    view.style.heading(report.file),
    ...renderTree(view, report),
    ...renderProblems(view, report),
    '',
    verdict(view, report),
  ];
}

function renderTree(view: View, report: DependencyReport): readonly string[] {
  const shown = new Set<string>();
  const below = (path: string, lead: string): readonly string[] => {
    const found = report.objects.filter((object) => parentsOf(report, object).includes(path));
    const missing = report.missing.filter((each) => each.requiredBy.includes(path));
    const total = found.length + missing.length;
    return [
      ...found.flatMap((object, index) => {
        const branch = lead + (index === total - 1 ? '`-- ' : '|-- ');
        const stem = lead + (index === total - 1 ? '    ' : '|   ');
        const again = shown.has(object.path);
        shown.add(object.path);
        return [
          ...objectLines(view, object, { branch, stem, again }),
          ...errorsAt(view, report, path, object, stem),
          ...(again ? [] : below(object.path, stem)),
        ];
      }),
      ...missing.map(
        (each, index) =>
          lead +
          (found.length + index === total - 1 ? '`-- ' : '|-- ') +
          view.style.bad(
            each.found === undefined
              ? say(view, 'cli.deps.missing', { soname: each.soname })
              : say(view, 'cli.deps.refused', { soname: each.soname, path: each.found }),
          ),
      ),
    ];
  };
  return below(report.file, '');
}

/** Nobody asks for a preloaded library: the loader puts it into the program. */
function parentsOf(report: DependencyReport, object: Objects[number]): readonly string[] {
  return object.foundBy === 'preload' ? [report.file, ...object.requiredBy] : object.requiredBy;
}

function objectLines(
  view: View,
  object: Objects[number],
  place: { readonly branch: string; readonly stem: string; readonly again: boolean },
): readonly string[] {
  const name = view.style.strong(object.soname);
  if (place.again)
    return [`${place.branch}${name} ${view.style.quiet(say(view, 'cli.deps.again'))}`];
  const how = view.style.quiet(`(${say(view, `cli.foundBy.${object.foundBy}`)})`);
  const whole = `${place.branch}${name} => ${object.path} ${how}`;
  if (columnsOf(whole) <= view.columns) return [whole];
  return [`${place.branch}${name} ${how}`, `${place.stem}=> ${object.path}`];
}

/** What the requiring object asks of this library and does not get. */
function errorsAt(
  view: View,
  report: DependencyReport,
  requiredBy: string,
  object: Objects[number],
  stem: string,
): readonly string[] {
  return report.versionErrors
    .filter((error) => error.requiredBy === requiredBy && error.path === object.path)
    .flatMap((error) => [
      stem +
        view.style.bad(
          say(view, error.weak ? 'cli.evidence.lacks-weak' : 'cli.evidence.lacks', {
            version: error.version,
          }),
        ),
      ...(error.symbols.length === 0
        ? []
        : wrap(
            say(view, 'cli.evidence.symbols', {
              count: error.symbols.length,
              names: error.symbols.join(', '),
            }),
            view.columns,
            `${stem}  `,
          )),
    ]);
}

function renderProblems(view: View, report: DependencyReport): readonly string[] {
  const problems = [
    ...report.missing.flatMap((missing) => [
      ...wrap(
        say(view, missing.found === undefined ? 'cli.deps.missing-by' : 'cli.deps.refused-by', {
          soname: missing.soname,
          path: missing.found ?? '',
          names: missing.requiredBy.join(', '),
        }),
        view.columns,
      ),
      ...(missing.found === undefined ? searchedPlaces(view, missing.searched) : []),
    ]),
    ...report.symbolErrors.flatMap((error) =>
      wrap(
        say(view, 'cli.deps.symbol', {
          symbol: error.version === null ? error.symbol : `${error.symbol}@${error.version}`,
          path: error.requiredBy,
        }),
        view.columns,
      ),
    ),
    ...report.mixedGlibc.flatMap((mixed) =>
      wrap(
        say(view, 'cli.deps.mixed', { path: mixed.path, expected: mixed.expected }),
        view.columns,
      ),
    ),
  ];
  return problems.length === 0 ? [] : ['', ...problems];
}

function searchedPlaces(view: View, searched: readonly string[]): readonly string[] {
  if (searched.length === 0) return [];
  return [
    ...wrap(say(view, 'cli.evidence.searched'), view.columns, '  '),
    ...searched.map((directory) => `    ${directory}`),
  ];
}

function verdict(view: View, report: DependencyReport): string {
  const paint = { starts: view.style.good, fails: view.style.bad, unknown: view.style.warning }[
    report.verdict
  ];
  const sign = { starts: '+', fails: 'x', unknown: '?' }[report.verdict];
  const word = say(view, `cli.verdict.${report.verdict}`);
  const path = report.refused ?? report.interpreter ?? '';
  const reason =
    report.reason === null ? '' : ` (${say(view, `cli.reason.${report.reason}`, { path })})`;
  return paint(`${sign} ${word}`) + reason;
}
