import type { ChainHop } from '../../../shared/finding.ts';
import type { DependencyReport } from '../../../shared/elf.ts';

type LoadedObject = DependencyReport['objects'][number];

/**
 * The way from the program to `path`, as the loader went: each hop with how it
 * was found. The program itself is the first hop. Where several objects ask for
 * the same library, the one that asked first is shown.
 */
export function chainTo(report: DependencyReport, path: string): readonly ChainHop[] {
  const byPath = new Map(report.objects.map((object) => [object.path, object]));
  const way: LoadedObject[] = [];
  const visited = new Set<string>();
  let current = byPath.get(path);
  while (current && !visited.has(current.path)) {
    visited.add(current.path);
    way.unshift(current);
    const parent = current.requiredBy.find((requirer) => !visited.has(requirer));
    current = parent === undefined ? undefined : byPath.get(parent);
  }
  return [
    { name: baseName(report.file), path: report.file, foundBy: null, state: 'ok' },
    ...way
      .filter((object) => object.path !== report.file)
      .map((object): ChainHop => ({
        name: object.soname,
        path: object.path,
        foundBy: object.foundBy,
        state: 'ok',
      })),
  ];
}

/** The same chain with `last` as its broken end. */
export function brokenChain(
  report: DependencyReport,
  requiredBy: string,
  last: { readonly name: string; readonly path: string | null },
): ChainHop[] {
  const found = report.objects.find((object) => object.path === last.path);
  return [
    ...chainTo(report, requiredBy),
    { name: last.name, path: last.path, foundBy: found?.foundBy ?? null, state: 'broken' },
  ];
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
