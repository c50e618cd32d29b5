/** Live bytes after a collection, once `inputs` had been run. */
export interface MemorySample {
  readonly inputs: number;
  readonly bytes: number;
}

/** A slope below this is noise: compiled code, statistics of the collector, the corpus. */
const LEAST_BYTES_PER_INPUT = 64;
const LEAST_GROWTH = 4 * 1024 * 1024;

/**
 * Bytes that stay for each input: the median of all slopes between two samples (Theil and
 * Sen), so that no single sample decides. The first third is left out: there, code is
 * compiled and caches fill.
 */
export function slopeOf(samples: readonly MemorySample[]): number {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const slopes: number[] = [];
  settled.forEach((from, index) => {
    for (const to of settled.slice(index + 1)) {
      if (to.inputs > from.inputs) slopes.push((to.bytes - from.bytes) / (to.inputs - from.inputs));
    }
  });
  slopes.sort((left, right) => left - right);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}

/** Whether memory grows with the number of inputs: steadily, and by an amount that matters. */
export function grows(samples: readonly MemorySample[]): boolean {
  const slope = slopeOf(samples);
  const inputs = samples[samples.length - 1]?.inputs ?? 0;
  return slope > LEAST_BYTES_PER_INPUT && slope * inputs > LEAST_GROWTH;
}

/** Heap and everything that heap objects hold outside it, after two collections, in bytes. */
export function liveBytes(): number {
  // The second one frees what finalizers of the first let go.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
