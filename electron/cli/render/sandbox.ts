import { basename } from 'node:path';
import type { InstalledSandbox } from '../../engine/sandbox/installed.ts';
import { sizeInWords, wrap } from './layout.ts';
import { renderError } from './outcome.ts';
import { paragraph, say, type View } from './view.ts';

/** The private C libraries: what they hold, where they lie, who uses them. */
export function renderSandboxes(
  view: View,
  sandboxes: readonly InstalledSandbox[],
): readonly string[] {
  if (sandboxes.length === 0) return paragraph(view, 'cli.sandbox.empty');
  return sandboxes.flatMap((sandbox, index) => [
    ...(index === 0 ? [] : ['']),
    view.style.strong(basename(sandbox.directory)),
    `  ${sandbox.directory}`,
    ...facts(view, sandbox),
    ...(sandbox.users.length === 0
      ? paragraph(view, 'cli.sandbox.unused', {}, '  ')
      : [
          ...paragraph(view, 'cli.sandbox.used-by', {}, '  '),
          ...sandbox.users.map((user) => `    ${user}`),
        ]),
  ]);
}

function facts(view: View, { spec, problem, bytes }: InstalledSandbox): readonly string[] {
  const size = sizeInWords(bytes);
  if (spec === null) {
    return problem === null
      ? []
      : wrap(view.style.warning(renderError(view, problem)), view.columns, '  ');
  }
  return wrap(
    say(view, 'cli.sandbox.facts', {
      distributor: spec.distributor,
      release: spec.release,
      glibc: spec.glibc,
      key: spec.signedBy.name,
      size,
    }),
    view.columns,
    '  ',
  );
}
