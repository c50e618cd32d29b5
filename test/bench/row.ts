/** One line of docs/benchmarks.md: two measurements made side by side in one run. */
export interface BenchRow {
  readonly name: string;
  /** What was measured, with its unit; the median of several warm runs. */
  readonly ours: string;
  /** What the reference needed for the same work, measured in turn with ours, with its unit. */
  readonly reference: string;
  readonly referenceName: string;
  /** The ratio that must not be exceeded. */
  readonly budget: number;
  /** ours / reference */
  readonly ratio: number;
}
