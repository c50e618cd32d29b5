import type { RecoveryStatus } from '../../../shared/history.ts';
import { wrap } from './layout.ts';
import { moment, paragraph, put, say, type View } from './view.ts';

/** What is known of the repairs that a crash left half done, and the command that ends them. */
export function renderInterrupted(
  view: View,
  interrupted: RecoveryStatus['interrupted'],
  program: string,
): readonly string[] {
  const params = { count: interrupted.length, command: `${program} recover` };
  return [
    ...paragraph(view, 'cli.history.interrupted', params),
    ...interrupted.flatMap((each) => [
      ...wrap(
        `${moment(view, each.at)}  ${put(view, each.title)} (${each.done}/${each.total})`,
        view.columns,
        '  ',
      ),
      ...begun(view, each.changes),
    ]),
  ];
}

/** What had not been begun has changed nothing. */
function begun(
  view: View,
  changes: RecoveryStatus['interrupted'][number]['changes'],
): readonly string[] {
  const lines = changes.flatMap(({ title, target, state }) => {
    if (state === 'waiting') return [];
    const params = { title: put(view, title), path: target };
    return wrap(say(view, `cli.interrupted.${state}`, params), view.columns, '    ');
  });
  return lines.length > 0 ? lines : paragraph(view, 'cli.interrupted.nothing', {}, '    ');
}
