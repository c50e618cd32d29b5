/** Pseudo-random numbers from a seed (mulberry32): the same seed gives the same run anywhere. */
export class Random {
  private state: number;

  constructor(seed: number, stream = 0) {
    // Two streams of one seed must not run side by side: mix before use.
    this.state = Math.imul(seed ^ Math.imul(stream + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
  }

  /** A whole number from 0 to 2^32 − 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `limit` − 1; 0 for a limit of 1 or less. */
  below(limit: number): number {
    return limit <= 1 ? 0 : Math.floor((this.next() / 4294967296) * limit);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}
