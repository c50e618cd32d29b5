import type { TraceExplanation } from '../../../shared/trace.ts';
import type { Launched } from './launch.ts';
import type { LoadedImage } from './loader-log.ts';
import type { TracedProcess } from './strace-log.ts';

/** One process of the launch, from whatever watched it. */
export interface ProcessStory {
  readonly pid: number;
  readonly parent: number | null;
  readonly program: string;
  readonly images: readonly LoadedImage[];
  readonly calls: TracedProcess | null;
  /** How it ended; null where nobody saw. */
  readonly end: { readonly code: number | null; readonly signal: string | null } | null;
}

/** The processes of a launch, the program's own first. */
export function storiesOf(
  program: string,
  { strace, loader, outcome }: Launched,
): readonly ProcessStory[] {
  if (strace !== null) {
    return [...strace.processes.values()].map((calls) => ({
      pid: calls.pid,
      parent: calls.parent,
      program: calls.program === '' ? program : calls.program,
      images: loader.get(calls.pid) ?? [],
      calls,
      end: calls.exit,
    }));
  }
  // ld.so writes a file for each process: the one for the program, named as it was started, is ours.
  const stories = [...loader].map(([pid, images]) => ({
    pid,
    parent: null,
    program: images.at(-1)?.program ?? program,
    images,
    calls: null,
    end: null,
  }));
  const own = stories.findIndex(({ images }) => images.some((one) => one.program === program));
  const first = stories[own];
  if (first === undefined) return stories.filter((one) => !/(?:^|\/)ltrace$/.test(one.program));
  const end = outcome === null ? null : { code: outcome.exitCode, signal: outcome.signal };
  return [
    { ...first, end },
    ...stories.filter((one, at) => at !== own && !/(?:^|\/)ltrace$/.test(one.program)),
  ];
}

/** Who an explanation is about. */
export function named({ pid, program }: ProcessStory): TraceExplanation['process'] {
  return { pid, program };
}

/** Whether ld.so gave up on the program before it ran, or at a symbol: it exits with 127. */
export function loaderGaveUp({ end }: ProcessStory): boolean {
  return end?.code === 127;
}
