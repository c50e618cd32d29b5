/** One line of docs/benchmarks.md: two measurements made side by side in one run. */
export interface BenchRow {
  readonly name: string;
  /** Seconds; the median of several warm runs. */
  readonly ours: number;
  /** Seconds the reference took for the same work, measured in turn with ours. */
  readonly reference: number;
  readonly referenceName: string;
  /** The ratio that must not be exceeded. */
  readonly budget: number;
  /** ours / reference */
  readonly ratio: number;
}
