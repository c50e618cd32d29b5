import * as fs from 'node:fs';
import { isAbsolute } from 'node:path';
import { architectureOf, isNative } from '../elf/loader/architecture.ts';
import { readElf } from '../elf/read.ts';

/** What the kernel really starts for a path: scripts name another program (execve(2)). */
export interface StartedProgram {
  /** The last of the chain; the ELF program where all is well. */
  readonly path: string;
  /** Scripts on the way, the one that was named first. */
  readonly scripts: readonly string[];
}

/** The kernel follows as many (fs/exec.c, BINPRM_MAX_RECURSION). */
const MOST_SCRIPTS = 5;
const LINE_LIMIT = 256;

/** Follows `#!` lines; a path that cannot be read ends the chain. */
export function startedProgram(path: string): StartedProgram {
  const scripts: string[] = [];
  let at = path;
  while (scripts.length < MOST_SCRIPTS) {
    const interpreter = scriptInterpreter(at);
    if (interpreter === null || !isAbsolute(interpreter)) break;
    scripts.push(at);
    at = interpreter;
  }
  return { path: at, scripts };
}

/** The program that a script's first line names; null for what is no script. */
export function scriptInterpreter(path: string): string | null {
  const line = firstBytes(path).split('\n')[0] ?? '';
  const words = /^#![ \t]*([^ \t]+)/.exec(line)?.[1];
  return words ?? null;
}

/** The interpreter that a file asks for: of a script, or of an ELF program. */
export function askedInterpreter(path: string): string | null {
  const script = scriptInterpreter(path);
  if (script !== null) return script;
  const elf = readElf(path);
  return elf.ok ? elf.value.interpreter : null;
}

function firstBytes(path: string): string {
  let file: number | null = null;
  try {
    file = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    if (!fs.fstatSync(file).isFile()) return '';
    const bytes = Buffer.alloc(LINE_LIMIT);
    return bytes.toString('utf8', 0, fs.readSync(file, bytes, 0, LINE_LIMIT, 0));
  } catch {
    return '';
  } finally {
    if (file !== null) fs.closeSync(file);
  }
}

/** Interpreters for foreign programs that somebody has registered (binfmt_misc). */
const REGISTERED = '/proc/sys/fs/binfmt_misc';

/** Whether the kernel would start the file by its content: a script, or a program of this machine. */
export function isForKernel(path: string): boolean {
  const started = startedProgram(path);
  // Without the permission the kernel says so before it looks.
  if (!isExecutable(path)) return true;
  const elf = readElf(started.path);
  if (!elf.ok) return elf.error.code === 'unreadable' || scriptInterpreter(started.path) !== null;
  const architecture = architectureOf(elf.value);
  if (architecture !== null && isNative(architecture)) return true;
  const registered = fs.existsSync(REGISTERED) ? fs.readdirSync(REGISTERED) : [];
  return registered.some((name) => name !== 'register' && name !== 'status');
}

/** Whether this process may execute a file. */
export function isExecutable(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return fs.statSync(path).isFile();
  } catch {
    return false;
  }
}
