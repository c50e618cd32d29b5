/** One line of docs/benchmarks.md: two measurements made side by side in one run. */
export interface BenchRow {
  readonly name: string;
  /** In `unit`; the median of several warm runs. */
  readonly ours: number;
  /** What the reference took for the same work, measured in turn with ours; or a fixed limit. */
  readonly reference: number;
  readonly referenceName: string;
  /** Seconds unless it says otherwise. */
  readonly unit?: 'MB';
  /** The ratio that must not be exceeded. */
  readonly budget: number;
  /** ours / reference */
  readonly ratio: number;
}
