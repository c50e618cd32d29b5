import { Session, type Profiler } from 'node:inspector';

/**
 * Which blocks of the code under test have run, as V8 itself counts them. The same
 * counters that `node --test --experimental-test-coverage` reads; no instrumentation.
 */
export class Coverage {
  private readonly session = new Session();
  private readonly seen = new Set<string>();
  private readonly script: string;

  /** `script`: the end of the address of the file that is counted. */
  constructor(script: string) {
    this.script = script;
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks that ran since the last look and never before. */
  takeNew(): Set<string> {
    const fresh = new Set<string>();
    for (const block of this.takeBlocks()) {
      if (!this.seen.has(block)) fresh.add(block);
      this.seen.add(block);
    }
    return fresh;
  }

  /** Blocks that ran since the last look. */
  takeBlocks(): string[] {
    return this.take()
      .filter(({ url }) => url.endsWith(this.script))
      .flatMap(({ functions }) => functions)
      .flatMap(({ ranges }) => ranges)
      .filter(({ count }) => count > 0)
      .map(({ startOffset, endOffset }) => `${startOffset}-${endOffset}`);
  }

  get blocks(): number {
    return this.seen.size;
  }

  private take(): readonly Profiler.ScriptCoverage[] {
    let result: readonly Profiler.ScriptCoverage[] = [];
    // Sessions to the own thread answer before `post` returns.
    this.session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      result = taken.result;
    });
    return result;
  }
}
