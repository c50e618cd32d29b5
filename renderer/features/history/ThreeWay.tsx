import type { TransactionDetail, UndoPreview } from '../../../shared/history.ts';
import type { DiffLine } from '../../../shared/plan.ts';
import type { TextKey } from '../../i18n/i18n.ts';
import { useApp, useSpeech } from '../../state/window.tsx';
import { shortPath } from '../../ui/format.ts';

/** One side of a diff: the lines that were there before it, or are there after it. */
export function sideOf(diff: readonly DiffLine[], side: 'before' | 'after'): readonly string[] {
  const leftOut = side === 'before' ? '+' : '-';
  return diff.filter((line) => line.sign !== leftOut).map((line) => line.text);
}

/** Why there are no lines of what is there now. */
function emptyNow({ standing, differences }: UndoPreview['items'][number]): TextKey {
  if (standing === 'missing') return 'threeWay.missing';
  if (standing === 'unreadable') return 'threeWay.unreadable';
  return differences.includes('type') ? 'threeWay.otherType' : 'threeWay.noText';
}

/** Before the repair, what Devmend left, and what is there now, side by side. */
export function ThreeWay(props: {
  readonly detail: TransactionDetail;
  readonly preview: UndoPreview;
}) {
  const { text } = useSpeech();
  const home = useApp((state) => state.info?.home ?? null);
  const changed = props.preview.items.filter(
    (item) => item.standing !== 'unchanged' && item.standing !== 'already-restored',
  );
  return (
    <div data-testid="three-way">
      {changed.map((item) => {
        const made = props.detail.previews.find(
          (preview) => preview.target === item.target || preview.through === item.target,
        );
        const columns = [
          [
            'threeWay.before',
            sideOf(made?.diff ?? item.diff, made === undefined ? 'after' : 'before'),
          ],
          ['threeWay.left', sideOf(made?.diff ?? [], 'after')],
          ['threeWay.now', item.standing === 'missing' ? [] : sideOf(item.diff, 'before')],
        ] as const;
        return (
          <section key={item.target} className="three-way">
            <h4 className="mono">{shortPath(item.target, home)}</h4>
            <div className="three-columns">
              {columns.map(([title, lines]) => (
                <div key={title}>
                  <h5>{text(title)}</h5>
                  <pre className="mono" tabIndex={0} aria-label={text(title)}>
                    {lines.length > 0
                      ? lines.join('\n')
                      : text(title === 'threeWay.now' ? emptyNow(item) : 'threeWay.nothing')}
                  </pre>
                </div>
              ))}
            </div>
          </section>
        );
      })}
    </div>
  );
}
