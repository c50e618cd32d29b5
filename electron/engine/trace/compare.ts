import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { DependencyReport } from '../../../shared/elf.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { TraceReport } from '../../../shared/trace.ts';
import { LoaderSession } from '../elf/loader.ts';
import type { Machine } from '../machine.ts';
import { notFound, type LoadedImage } from './loader-log.ts';
import { startedProgram } from './program-file.ts';

export interface Simulated {
  /** What a scan says: without the person's environment. */
  readonly plain: DependencyReport;
  /** The same with the environment that the program was started with. */
  readonly inEnvironment: DependencyReport;
}

/** What the simulation says of a program that is about to be started. */
export function simulate(
  program: string,
  { environment, user }: Pick<Machine, 'environment' | 'user'>,
  workingDirectory: string,
): Simulated {
  const { path } = startedProgram(program);
  const options = { workingDirectory, user };
  return {
    plain: new LoaderSession('/', options).simulate(path),
    inEnvironment: new LoaderSession('/', { ...options, environment }).simulate(path),
  };
}

type Simulation = TraceReport['simulation'];
type Difference = Simulation['differences'][number];

/**
 * What the simulation had said beside what ld.so did with the first program of
 * the launch. Without ld.so's own account nothing can be compared but the verdict.
 */
export function compare(
  simulated: Simulated,
  image: LoadedImage | null,
  started: boolean | null,
): Simulation {
  const { plain } = simulated;
  const differences = image === null ? [] : differencesOf(simulated, image);
  const verdictHolds =
    plain.verdict === 'unknown' || started === null || (plain.verdict === 'starts') === started;
  return { verdict: plain.verdict, agrees: verdictHolds && differences.length === 0, differences };
}

function differencesOf(simulated: Simulated, image: LoadedImage): Difference[] {
  const observed = new Map<string, string | null>();
  for (const { later, name, path } of image.searches) {
    if (!later && (path !== null || !observed.has(name))) observed.set(name, path);
  }
  const missed = new Set(notFound(image).map(({ name }) => name));
  const expected = byName(simulated.plain);
  const found: Difference[] = [];
  for (const [soname, path] of observed) {
    // Without a path and without a search it was there already under another name.
    if (path === null && !missed.has(soname)) continue;
    const said = expected.get(soname) ?? null;
    if (said === null ? path === null : path !== null && isSameFile(said, path)) continue;
    const reason = reasonFor(soname, path, simulated);
    found.push({ soname, simulated: said, observed: path, reason });
  }
  if (!image.started) return found;
  for (const [soname, path] of expected) {
    if (observed.has(soname) || isLoader(soname)) continue;
    if ([...observed.values()].some((one) => one !== null && isSameFile(one, path))) continue;
    found.push({
      soname,
      simulated: path,
      observed: null,
      reason: message('trace.reason.not-loaded'),
    });
  }
  return found;
}

function byName({ objects }: DependencyReport): ReadonlyMap<string, string> {
  return new Map(objects.map(({ soname, path }) => [soname, path]));
}

/** The loader itself is there before anything is searched for. */
function isLoader(soname: string): boolean {
  return /^ld[-.]/.test(basename(soname));
}

export function isSameFile(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

function reasonFor(soname: string, observed: string | null, { inEnvironment }: Simulated): Message {
  const [found] = inEnvironment.objects.filter((one) => one.soname === soname);
  const matches =
    found === undefined ? observed === null : observed !== null && isSameFile(found.path, observed);
  if (matches && found?.foundBy === 'ld-library-path') {
    return message('trace.reason.ld-library-path', { directory: dirname(found.path) });
  }
  if (matches && found?.foundBy === 'preload') return message('trace.reason.ld-preload');
  if (matches) return message('trace.reason.environment');
  if (observed?.includes('/glibc-hwcaps/') === true) return message('trace.reason.hwcaps');
  return message('trace.reason.unexplained');
}
