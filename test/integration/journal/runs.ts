/**
 * How much chance is let into the properties of the journal. `DEVMEND_EXACT_RUNS=20`
 * multiplies the number of runs; a failure prints a seed, and `DEVMEND_EXACT_SEED` takes
 * it again; with `DEVMEND_EXACT_SHRINK=1` the counter-example is made small first.
 */
export function runsOf(usual: number): {
  readonly numRuns: number;
  readonly seed: number;
  readonly endOnFailure: boolean;
} {
  return {
    numRuns: usual * Number(process.env['DEVMEND_EXACT_RUNS'] ?? 1),
    seed: Number(process.env['DEVMEND_EXACT_SEED'] ?? Date.now() % 1_000_000_000),
    endOnFailure: process.env['DEVMEND_EXACT_SHRINK'] === undefined,
  };
}

/** Milliseconds for a property: chance is given the time it needs. */
export const LONG = 120_000 * Number(process.env['DEVMEND_EXACT_RUNS'] ?? 1);
