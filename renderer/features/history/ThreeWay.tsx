import type {
  PathVersion,
  ThreeWay as Versions,
  TransactionDetail,
  UndoPreview,
} from '../../../shared/history.ts';
import type { DiffLine } from '../../../shared/plan.ts';
import { useApp, useSpeech } from '../../state/window.tsx';
import { Diff } from '../../ui/Diff.tsx';
import { formatBytes, shortPath } from '../../ui/format.ts';

type Item = UndoPreview['items'][number];
const moments = ['before', 'left', 'now'] as const;
type Moment = (typeof moments)[number];
/** Of a digest; enough to tell three versions apart. */
const DIGITS = 16;
const headings = {
  before: 'threeWay.before',
  left: 'threeWay.left',
  now: 'threeWay.now',
} as const;

/** One side of a diff: the lines that were there before it, or are there after it. */
function sideOf(diff: readonly DiffLine[], side: 'before' | 'after'): readonly DiffLine[] {
  const leftOut = side === 'before' ? '+' : '-';
  return diff.filter((line) => line.sign !== leftOut);
}

/**
 * The lines of one version: the whole text where it is short, with what the repair, or
 * somebody since, took from it or put into it; the stretch around that where it is long.
 */
export function linesAt(
  moment: Moment,
  versions: Versions,
  made: readonly DiffLine[],
): readonly DiffLine[] {
  const { text } = versions[moment];
  const repaired = versions.repaired.length > 0 ? versions.repaired : made;
  const stretch =
    moment === 'now'
      ? sideOf(versions.since, 'after')
      : sideOf(repaired, moment === 'before' ? 'before' : 'after');
  if (text === null) return stretch;
  const marks = new Map(stretch.map(({ line, sign }) => [line, sign]));
  return text.map((line, index) => ({
    sign: marks.get(index + 1) ?? ' ',
    line: versions[moment].type === 'value' ? null : index + 1,
    text: line,
  }));
}

/** Before the repair, what Devmend left, and what is there now, side by side. */
export function ThreeWay(props: {
  readonly detail: TransactionDetail;
  readonly preview: UndoPreview;
}) {
  const home = useApp((state) => state.info?.home ?? null);
  return (
    <div data-testid="three-way">
      {props.preview.items.map((item) => {
        if (item.threeWay === undefined) return null;
        const made = props.detail.previews.find(
          (preview) => preview.target === item.target || preview.through === item.target,
        );
        const name = shortPath(item.target, home);
        return (
          <section key={item.target} className="three-way" aria-label={name}>
            <h4 className="mono">{name}</h4>
            <Columns item={item} versions={item.threeWay} made={made?.diff ?? []} />
          </section>
        );
      })}
    </div>
  );
}

function Columns(props: {
  readonly item: Item;
  readonly versions: Versions;
  readonly made: readonly DiffLine[];
}) {
  const { text } = useSpeech();
  const { since } = props.versions;
  return (
    <>
      <div className="three-columns">
        {moments.map((moment) => {
          const title = text(headings[moment]);
          const lines = linesAt(moment, props.versions, props.made);
          return (
            <div key={moment} role="group" aria-label={title} className="three-column">
              <h5>{title}</h5>
              <Facts version={props.versions[moment]} hasLines={lines.length > 0} />
              {lines.length > 0 && <Diff lines={lines} label={text('threeWay.text', { title })} />}
            </div>
          );
        })}
      </div>
      {since.length > 0 && (
        <>
          <h5>{text('threeWay.since')}</h5>
          <Diff lines={since} label={text('threeWay.since')} />
        </>
      )}
    </>
  );
}

/** What a version is, for whoever cannot compare it line by line. */
function Facts(props: { readonly version: PathVersion; readonly hasLines: boolean }) {
  const { text, language } = useSpeech();
  const { type, bytes, files, digest, target } = props.version;
  const size = formatBytes(bytes ?? 0, language());
  const words = {
    absent: () => text('threeWay.absent'),
    file: () => text('threeWay.file', { size }),
    link: () => text('threeWay.link', { target: target ?? '' }),
    directory: () => text('threeWay.directory', { count: files ?? 0, size }),
    value: () => text('threeWay.value'),
    other: () => text('threeWay.other'),
    unreadable: () => text('threeWay.unreadable'),
  } as const;
  return (
    <>
      <p>{words[type]()}</p>
      {digest !== null && (
        <p className="muted mono three-digest">
          {text('threeWay.digest', { digest: digest.slice(0, DIGITS) })}
        </p>
      )}
      {type === 'file' && !props.hasLines && <p className="muted">{text('threeWay.noText')}</p>}
    </>
  );
}
