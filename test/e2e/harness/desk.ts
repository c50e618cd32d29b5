import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { settingsText } from '../../fixtures/desk.ts';
import { buildNewerProgram, type ProgramOptions } from '../../fixtures/needs-newer-glibc.ts';
import type { Stage } from '../harness.ts';
import { unpackedGit } from './programs.ts';

/** What VS Code's settings name on a stage, and the settings themselves. */
export interface DeskFiles {
  readonly git: string;
  readonly settings: string;
}

/** Debian 13's real git in the user's home, named as git.path. */
export async function layRealGit(stage: Stage): Promise<DeskFiles> {
  const prefix = join(stage.home, 'git');
  execFileSync('cp', ['-a', '-T', await unpackedGit(), prefix]);
  stage.own(prefix);
  return nameIt(stage, join(prefix, 'bin/git'));
}

/**
 * A small program in place of git; with `hangs` its trial run never ends by itself, with
 * `freezes` it stops the process that runs it, so that a repair stays in its middle.
 */
export function laySmallGit(
  stage: Stage,
  options: Pick<ProgramOptions, 'hangs' | 'freezes'> = {},
): DeskFiles {
  const prefix = join(stage.home, 'git');
  buildNewerProgram(join(prefix, 'bin/git'), 'git', options);
  stage.own(prefix);
  return nameIt(stage, join(prefix, 'bin/git'));
}

function nameIt(stage: Stage, git: string): DeskFiles {
  const settings = join(stage.home, '.config/Code/User/settings.json');
  stage.write(settings, settingsText(git), 0o640);
  return { git, settings };
}

/** Everything about a file that undo has to bring back. */
export function fileFacts(path: string): unknown {
  const { mode, uid, gid, nlink, size } = lstatSync(path);
  const { mtimeNs } = statSync(path, { bigint: true });
  return { mode, uid, gid, nlink, size, mtimeNs, bytes: readFileSync(path, 'base64') };
}

/** The program that the settings name now. */
export function namedGit(settings: string): string {
  return /"git\.path": +"([^"]+)"/.exec(readFileSync(settings, 'utf8'))?.[1] ?? '';
}
