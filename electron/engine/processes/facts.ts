import { dirname } from 'node:path';
import { message, type Message } from '../../../shared/message.ts';
import type { MappedLibc, ProcessContext, ProcessFacts } from '../../../shared/process.ts';
import { commandInWords } from './command-words.ts';
import { contextOf } from './context.ts';
import { examineMapping, type MappedFile, type Standing } from './mapped-file.ts';
import { mappedLibc, type LibcReader } from './mapped-libc.ts';
import { parseMaps } from './maps.ts';
import type { Mount } from './mounts.ts';
import { isStill } from './status.ts';
import type { Subject } from './subject.ts';

/** What reading the facts of one process needs from the whole examination. */
export interface Surroundings {
  readonly reader: LibcReader;
  readonly userName: (uid: number) => string | null;
  readonly startOf: (entry: Subject['entry']) => number | null;
  /** `container` variable of the first process in the same pid namespace. */
  readonly initContainer: (subject: Subject) => string | null;
  /** Directory of the C library that programs of this system get. */
  readonly systemLibrary: string | null;
}

const MAPS_LIMIT = 32 * 1024 * 1024;
/** A list longer than this says nothing that its beginning does not. */
const MOST_REPLACED = 500;

/** What root is told as well: no right helps against a file system that does not answer. */
export const SILENT_MOUNT = 'process.problem.silent-mount';

/** Variables that decide what a program loads (ld.so(8)). */
const STEERING = [
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'LD_AUDIT',
  'LD_BIND_NOW',
  'LD_ORIGIN_PATH',
  'LD_HWCAP_MASK',
  'LD_ASSUME_KERNEL',
  'LD_DEBUG',
];

/** Everything about one process. What ends while it is looked at is `gone`, not half an answer. */
export function processFacts(
  subject: Subject,
  editor: number | null,
  around: Surroundings,
): ProcessFacts {
  const { entry } = subject;
  const startedAt = around.startOf(entry);
  const bare: ProcessFacts = {
    pid: entry.pid,
    parent: entry.parent,
    name: entry.name,
    command: entry.args.length === 0 ? null : commandInWords(entry.args),
    user: { uid: entry.uid, name: around.userName(entry.uid) },
    startedAt: startedAt === null ? null : new Date(startedAt).toISOString(),
    role: subject.role,
    editor,
    executable: subject.executable,
    context: null,
    libc: null,
    replaced: [],
    environment: {},
    status: 'not-permitted',
    problems: [],
  };
  if (entry.state === 'Z' || entry.state === 'X') return { ...bare, status: 'gone' };
  if (!subject.permitted) {
    if (!isStill(entry)) return { ...bare, status: 'gone' };
    return { ...bare, problems: [message('process.problem.not-permitted')] };
  }
  const looked = lookInside(subject, startedAt, around);
  if (!isStill(entry)) return { ...bare, status: 'gone' };
  return { ...bare, ...looked };
}

type Inside = Pick<
  ProcessFacts,
  'context' | 'libc' | 'replaced' | 'environment' | 'status' | 'problems'
>;

function lookInside(subject: Subject, startedAt: number | null, around: Surroundings): Inside {
  const { entry, environment, world, executable, program } = subject;
  const maps = entry.files.bytes('maps', MAPS_LIMIT);
  const context = contextOf({
    entry,
    environment,
    world,
    executable: executable?.path ?? null,
    initContainer: around.initContainer(subject),
  });
  const base = { context, environment: subject.overwritten ? null : steering(environment) };
  if (maps.state !== 'read') {
    const denied = maps.state === 'not-permitted';
    const text = message(
      denied ? 'process.problem.not-permitted' : 'process.problem.maps-unreadable',
    );
    return {
      ...base,
      context: denied ? null : context,
      libc: null,
      replaced: [],
      status: denied ? 'not-permitted' : 'partial',
      problems: [text],
    };
  }
  const mapped = parseMaps(maps.value.toString('utf8')).map((mapping) =>
    examineMapping(mapping, entry.files, world, startedAt),
  );
  const answer = mappedLibc(mapped, program, around.reader);
  const problems = [
    ...answer.problems,
    ...unknownFiles(mapped, answer.libc),
    ...silentMounts(subject, mapped),
  ];
  return {
    ...base,
    context: withPrivateLibc(context, answer.libc, subject, around.systemLibrary),
    libc: answer.libc,
    replaced: replacedFiles(mapped),
    status: problems.length === 0 ? 'read' : 'partial',
    problems,
  };
}

/** One sentence for each file system that does not answer, with what was asked of it. */
function silentMounts({ silent }: Subject, mapped: readonly MappedFile[]): readonly Message[] {
  const mounts = new Map<string, Mount>();
  for (const mount of [silent, ...mapped.map((file) => file.silent)]) {
    if (mount !== null) mounts.set(mount.point, mount);
  }
  return [...mounts.values()].map(({ point, type }) => message(SILENT_MOUNT, { point, type }));
}

function steering(environment: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    STEERING.flatMap((name) => {
      const value = environment.get(name);
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}

function replacedFiles(mapped: readonly MappedFile[]): ProcessFacts['replaced'] {
  const found = new Map<string, ProcessFacts['replaced'][number]>();
  for (const { path, standing, executable } of mapped) {
    if (!executable || !isChanged(standing)) continue;
    found.set(path, { path, reason: standing });
  }
  return [...found.values()].slice(0, MOST_REPLACED);
}

type Changed = ProcessFacts['replaced'][number]['reason'];

function isChanged(standing: Standing): standing is Changed {
  return standing === 'deleted' || standing === 'replaced' || standing === 'rewritten';
}

/** One sentence for all of them: the reason is the file system, which they share. */
function unknownFiles(mapped: readonly MappedFile[], libc: MappedLibc | null): readonly Message[] {
  const unknown = mapped.filter(
    ({ standing, executable, path }) => executable && standing === 'unknown' && path !== libc?.path,
  );
  const [first] = unknown;
  if (first === undefined) return [];
  return [message('process.problem.files-unknown', { count: unknown.length, path: first.path })];
}

/** Where distributions keep their C library (file-hierarchy(7), Debian's multiarch). */
const SYSTEM_PLACE = /^(?:\/usr)?\/lib(?:32|64|x32)?(?:\/[\w]+-linux-(?:gnu|musl)\w*)?$/;

/**
 * A C library of its own: Devmend's sandbox, or another's. In a world that is
 * ours, be it a container, that tells more than the name of this world.
 */
function withPrivateLibc(
  context: ProcessContext,
  libc: MappedLibc | null,
  { world: { foreign, root } }: Pick<Subject, 'world'>,
  system: string | null,
): ProcessContext {
  const isOurs = context.kind === 'host' || (context.kind === 'container' && !foreign);
  if (!isOurs || root !== '/' || libc === null || libc.path === null) return context;
  const directory = dirname(libc.path);
  const isUsual = directory === system || SYSTEM_PLACE.test(directory);
  return isUsual ? context : { kind: 'private-libc', directory };
}
