/** One line of docs/benchmarks.md: two measurements made side by side in one run. */
export interface BenchRow {
  readonly name: string;
  /** The best or the median of several warm runs, in seconds unless `unit` says otherwise. */
  readonly ours: number;
  /** What the reference needed for the same work, measured in turn with ours. */
  readonly reference: number;
  readonly referenceName: string;
  /** The ratio that must not be exceeded. */
  readonly budget: number;
  /** ours / reference */
  readonly ratio: number;
  /** Unit of `ours` and `reference`; seconds when absent. */
  readonly unit?: 'MB' | 'pictures';
}
