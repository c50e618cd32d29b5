import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readElf } from '../elf/read.ts';
import { machineName } from '../elf/constants.ts';
import type { Search } from './loader-log.ts';
import { startedProgram } from './program-file.ts';
import type { ProcessStory } from './story.ts';

/** What became of one path that ld.so tried. */
export interface Answer {
  readonly path: string;
  /** `ENOENT` and the like, as the kernel said; `opened`; or what is wrong with the file. */
  readonly answer: string;
  readonly kind: 'absent' | 'dangling' | 'loop' | 'denied' | 'foreign' | 'opened' | 'other';
  /** Where a dangling link leads; the architecture of a foreign file. */
  readonly detail: string;
  readonly evidence: string | null;
}

const MOST = 200;

/** What the kernel answered for each path of a search; without strace, what it answers now. */
export function answersTo(search: Search, story: ProcessStory): readonly Answer[] {
  return search.tried.slice(0, MOST).map((path) => {
    const seen = story.calls?.openings.get(path);
    const answer = seen?.answer ?? tryNow(path);
    return { path, evidence: seen?.text ?? null, ...explain(path, answer, story) };
  });
}

function tryNow(path: string): string {
  try {
    fs.closeSync(fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK));
    return 'opened';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}

function explain(
  path: string,
  answer: string,
  story: ProcessStory,
): Omit<Answer, 'path' | 'evidence'> {
  switch (answer) {
    case 'ENOENT': {
      const target = danglingTarget(path);
      return target === null
        ? { answer, kind: 'absent', detail: '' }
        : { answer, kind: 'dangling', detail: target };
    }
    case 'ELOOP':
      return { answer, kind: 'loop', detail: '' };
    case 'EACCES':
    case 'EPERM':
      return { answer, kind: 'denied', detail: '' };
    case 'opened': {
      const foreign = foreignTo(path, story.program);
      return foreign === null
        ? { answer, kind: 'opened', detail: '' }
        : { answer: foreign, kind: 'foreign', detail: foreign };
    }
    default:
      return { answer, kind: 'other', detail: '' };
  }
}

/** Where a link without a target leads; null where there is no link. */
export function danglingTarget(path: string): string | null {
  try {
    const target = fs.readlinkSync(path);
    return fs.existsSync(path) ? null : resolve(dirname(path), target);
  } catch {
    return null;
  }
}

/** Class and machine of a file that a program cannot load; null where they fit, or are not known. */
export function foreignTo(path: string, program: string): string | null {
  const [file, other] = [readElf(path), readElf(startedProgram(program).path)];
  if (!file.ok) return file.error.code === 'unreadable' ? null : file.error.code;
  if (!other.ok) return null;
  const { value } = file;
  if (value.class === other.value.class && value.machine === other.value.machine) return null;
  return `${value.class} ${machineName(value.machine)}`;
}

/** A directory that ld.so tries for what the processor can do, before the plain one. */
export function isVariant(path: string): boolean {
  return /\/(?:glibc-hwcaps|tls|haswell|xeon_phi|avx512_1|x86_64|aarch64|atomics)\//.test(path);
}
