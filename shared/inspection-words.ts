import type { MatrixSystem } from './matrix.ts';
import { message, type Message } from './message.ts';
import type { ProcessContext, ProcessFacts, ProcessReport } from './process.ts';
import type { TraceExplanation } from './trace.ts';

/** Where a process lives, in a sentence. */
export function contextMessage(context: ProcessContext): Message {
  switch (context.kind) {
    case 'host':
      return message('process.context.host');
    case 'container':
      return context.runtime === null
        ? message('process.context.container-unnamed')
        : message(
            context.id === null ? 'process.context.container' : 'process.context.container-id',
            { runtime: context.runtime, id: context.id?.slice(0, 64) ?? '' },
          );
    case 'chroot':
      return message('process.context.chroot', { root: context.root });
    case 'flatpak':
    case 'snap':
      return context.app === null
        ? message(`process.context.${context.kind}-unnamed`)
        : message(`process.context.${context.kind}`, { app: context.app });
    case 'private-libc':
      return message('process.context.private-libc', { directory: context.directory });
  }
}

/** Which C library a process has mapped, in a sentence. */
export function libcMessage(libc: NonNullable<ProcessFacts['libc']>): Message {
  const { kind, version, release } = libc;
  if (kind === 'static') return message('process.libc.static');
  if (version === null) return message('process.libc.unread', { kind });
  return release === null
    ? message('process.libc.version', { kind, version })
    : message('process.libc.release', { kind, version, release });
}

/** A program of this system that still runs with the C library of before an update. */
export function isOutdated(facts: ProcessFacts, system: ProcessReport['system']): boolean {
  const { context, libc } = facts;
  return (
    context?.kind === 'host' &&
    libc?.kind === 'glibc' &&
    libc.buildId !== null &&
    system.buildId !== null &&
    libc.buildId !== system.buildId
  );
}

/** This machine, and releases that somebody still looks after or that are still met at work. */
export function isCurrentSystem(system: MatrixSystem, takenAt: string): boolean {
  const { id, endOfLife, libc, version } = system;
  if (id === 'this-machine') return true;
  // Alpine's dates are not in the table; its newest stands for it.
  if (libc === 'musl') return version === '3.22';
  return STILL_MET.has(id) || (endOfLife !== null && endOfLife >= takenAt.slice(0, 10));
}

/** Past their end, and still met at work. */
const STILL_MET: ReadonlySet<string> = new Set([
  'debian-11',
  'debian-12',
  'ubuntu-20.04',
  'centos-7',
]);

/** Whether an explanation of a launch is good news, something programs go on after, or the end. */
export function explanationTone({ kind, text }: TraceExplanation): 'well' | 'mild' | 'bad' {
  if (kind === 'all-well' || kind === 'opened-later') return 'well';
  const mild = ['wrong-file-won', 'exit-status', 'timed-out', 'cancelled'];
  return text.key.endsWith('-later') || mild.includes(kind) ? 'mild' : 'bad';
}

const ANSWERS: Readonly<Record<string, string>> = {
  ENOENT: 'nothing',
  ENOTDIR: 'not-directory',
  EACCES: 'denied',
  EPERM: 'denied',
  ELOOP: 'loop',
  opened: 'opened',
};

/** What was met at a place where the loader looked; null for what has only the kernel's own name. */
export function answerMessage(answer: string): Message | null {
  const word = Object.hasOwn(ANSWERS, answer) ? ANSWERS[answer] : undefined;
  return word === undefined ? null : message(`trace.answer.${word}`);
}
