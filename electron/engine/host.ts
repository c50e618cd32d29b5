import { userInfo, type UserInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { CommandRunner } from './command.ts';
import type { Directories, Machine } from './machine.ts';
import { runWithPipes } from './pipes-runner.ts';
import { VERSION } from './version.ts';

export interface HostOptions {
  /** Another root file system to examine; `/` when left out. */
  readonly root?: string;
  /** Home directory inside the root; the user's own when left out. */
  readonly home?: string;
  readonly run?: CommandRunner;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * A handle on the machine Devmend runs on, or on another root beside it.
 * Relative paths are taken from the working directory.
 */
export function hostMachine(options: HostOptions = {}): Machine {
  const environment = definedOnly(options.environment ?? process.env);
  const root = resolve(options.root ?? '/');
  const user = ownUser();
  const home = environment['HOME'] ?? '';
  // A relative HOME would put the journal wherever Devmend happens to be started.
  const ownHome = isAbsolute(home) ? home : user.homedir;
  return {
    root,
    home: options.home ?? (root === '/' ? ownHome : user.homedir),
    user: { uid: user.uid, gid: user.gid, name: user.username },
    environment: root === '/' ? environment : {},
    clock: () => new Date(),
    run: options.run ?? runWithPipes,
    directories: stateDirectories(environment, ownHome),
    version: VERSION,
  };
}

/** Who runs Devmend. A user id without an account (a container's, often) has no name and no home. */
function ownUser(): Pick<UserInfo<string>, 'uid' | 'gid' | 'username' | 'homedir'> {
  try {
    return userInfo();
  } catch {
    const [uid, gid] = [process.getuid?.() ?? -1, process.getgid?.() ?? -1];
    return { uid, gid, username: String(uid), homedir: '/' };
  }
}

/**
 * Devmend's own directories after the XDG Base Directory Specification 0.8:
 * a relative value in a variable is invalid and ignored.
 */
export function stateDirectories(
  environment: Readonly<Record<string, string>>,
  home: string,
): Directories {
  const base = (variable: string, fallback: string): string => {
    const value = environment[variable];
    return join(value && isAbsolute(value) ? value : join(home, fallback), 'devmend');
  };
  return {
    config: base('XDG_CONFIG_HOME', '.config'),
    state: base('XDG_STATE_HOME', '.local/state'),
    cache: base('XDG_CACHE_HOME', '.cache'),
    data: base('XDG_DATA_HOME', '.local/share'),
  };
}

function definedOnly(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
