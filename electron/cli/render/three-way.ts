import type { PathVersion, ThreeWay } from '../../../shared/history.ts';
import { sizeInWords, wrap } from './layout.ts';
import { renderDiff } from './plan.ts';
import { paragraph, say, type View } from './view.ts';

/** Enough of a digest to see that two are not the same. */
const DIGEST_SHOWN = 16;

/** Before the repair, what it left, what is there now, and what was changed since. */
export function renderThreeWay(view: View, versions: ThreeWay, indent: string): readonly string[] {
  const lines = (['before', 'left', 'now'] as const).flatMap((moment) =>
    wrap(
      say(view, `cli.three-way.${moment}`, { what: versionInWords(view, versions[moment]) }),
      view.columns,
      indent,
    ),
  );
  if (versions.since.length === 0) return lines;
  return [
    ...lines,
    ...paragraph(view, 'cli.three-way.since', {}, indent),
    ...renderDiff(view, versions.since, indent),
  ];
}

function versionInWords(view: View, version: PathVersion): string {
  const params = {
    count: version.files ?? 0,
    digest: (version.digest ?? '').slice(0, DIGEST_SHOWN),
    size: sizeInWords(version.bytes ?? 0),
    target: version.target ?? '',
    value: version.text?.join(' ') ?? '',
  };
  return say(view, `cli.version.${version.type}`, params);
}
