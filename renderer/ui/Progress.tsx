import { ProgressBar } from 'react-aria-components';

/** How far something is. `total` 0 means that the amount is not known yet. */
export function Progress(props: {
  readonly label: string;
  readonly done: number;
  readonly total: number;
}) {
  const known = props.total > 0;
  return (
    <ProgressBar
      aria-label={props.label}
      isIndeterminate={!known}
      {...(known ? { value: props.done, maxValue: props.total } : {})}
      className="progress"
    >
      {({ percentage }) => (
        <span
          className={known ? 'progress-fill' : 'progress-fill unknown'}
          {...(known ? { style: { width: `${percentage ?? 0}%` } } : {})}
        />
      )}
    </ProgressBar>
  );
}
