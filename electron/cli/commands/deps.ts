import { readlinkSync, realpathSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { DependencyReport } from '../../../shared/elf.ts';
import { fail, type ErrorData } from '../../../shared/error.ts';
import { dependencyDot } from '../../engine/elf/report.ts';
import { readElf } from '../../engine/elf/read.ts';
import { LoaderSession } from '../../engine/elf/loader.ts';
import { hostMachine } from '../../engine/host.ts';
import { withCapabilities } from '../../engine/probes/program-facts.ts';
import { resolveInRoot } from '../../engine/rootfs.ts';
import {
  errorView,
  failWith,
  resultView,
  type AnswerOptions,
  type CommandContext,
} from '../context.ts';
import { exitStatus, statusOfError, type ExitStatus } from '../exit-status.ts';
import { renderDependencies } from '../render/deps.ts';
import { renderError } from '../render/outcome.ts';

export interface DepsCommandOptions extends AnswerOptions {
  readonly root?: string;
  readonly dot?: boolean;
}

/** `devmend deps FILE`: what the loader would do with a program, without running it. */
export async function depsCommand(
  context: CommandContext,
  file: string,
  options: DepsCommandOptions,
): Promise<ExitStatus> {
  if (options.dot === true && options.json === true) {
    return failWith(context, fail('bad-request', { detail: '--json --dot' }).error, options);
  }
  const root = resolve(options.root ?? '/');
  const path = root === '/' ? absolutePath(file) : resolve('/', file);
  const absent = await absence(root, path);
  if (absent !== null) return failWith(context, absent, options);
  const session = new LoaderSession(root, {
    user: hostMachine().user,
    ...(root === '/'
      ? { environment: definedOnly(context.console.environment), workingDirectory: process.cwd() }
      : {}),
  });
  const capabilities = await hasCapabilities(root, path);
  const report = session.simulate(path, { capabilities });
  answer(context, options, report);
  return statusOf(context, report);
}

/** Behind a link `..` leads elsewhere than the text suggests. */
function absolutePath(file: string): string {
  if (!file.split('/').includes('..')) return resolve(file);
  try {
    return join(realpathSync.native(dirname(file)), basename(file));
  } catch {
    return resolve(file);
  }
}

/** A file with capabilities starts in secure mode for most users, as a setuid one does. */
async function hasCapabilities(root: string, path: string): Promise<boolean> {
  const resolved = resolveInRoot(root, path);
  if (!resolved.ok) return false;
  const { hostPath } = resolved.value;
  const { signal } = new AbortController();
  return (await withCapabilities([hostPath], hostMachine(), signal)).has(hostPath);
}

function answer(
  context: CommandContext,
  options: DepsCommandOptions,
  report: DependencyReport,
): void {
  const { out, json } = context.console;
  if (options.json === true) json(report);
  else if (options.dot === true) out.lines(dependencyDot(report).trimEnd().split('\n'));
  else out.lines(renderDependencies(resultView(context), report));
}

/**
 * 1 where the program would not start, or where a library that it needs cannot be
 * read. A file that is no program at all is a failure of its own.
 */
function statusOf(context: CommandContext, report: DependencyReport): ExitStatus {
  if (report.verdict === 'fails') return exitStatus.findings;
  const error = fileError(report);
  if (error !== null) {
    context.console.err.lines([renderError(errorView(context), error)]);
    return statusOfError(error);
  }
  return report.reason === 'library-unreadable' ? exitStatus.findings : exitStatus.done;
}

function fileError(report: DependencyReport): ErrorData | null {
  const path = report.file;
  switch (report.reason) {
    case 'not-elf':
      return fail('not-elf', { path }).error;
    case 'malformed':
      return malformed(report.root, path);
    case 'unreadable':
      return unreadable(report.root, path);
    default:
      return null;
  }
}

/** Where in the file the damage is: the report keeps only that there is some. */
function malformed(root: string, path: string): ErrorData {
  const elf = readElf(join(root, path));
  const { offset, detail } = elf.ok ? { offset: 0, detail: '' } : elf.error;
  return fail('malformed-elf', { path, offset: offset ?? 0, detail }).error;
}

/** Why it cannot be read: a link that dangles or loops, a directory, a permission. */
function unreadable(root: string, path: string): ErrorData {
  const elf = readElf(join(root, path));
  const { code, detail } = elf.ok ? { code: '', detail: '' } : elf.error;
  const why = code === 'not-a-file' ? 'not a regular file' : `${linkAt(root, path)}${detail}`;
  return fail('file-unreadable', { path, detail: why }).error;
}

/** Where the link leads that is there and cannot be followed; nothing for what is no link. */
function linkAt(root: string, path: string): string {
  try {
    return `-> ${readlinkSync(join(root, path))}: `;
  } catch {
    return '';
  }
}

/** Links may lead anywhere inside another root: only what is not there at all is told apart. */
async function absence(root: string, path: string): Promise<ErrorData | null> {
  try {
    await lstat(join(root, path));
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code === 'ENOENT' || code === 'ENOTDIR' ? fail('file-not-found', { path }).error : null;
  }
}

function definedOnly(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
