import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { openDisplay } from './harness/display.ts';
import { observe, type Observer } from './harness/observer.ts';
import { artefacts, drivenApp } from './harness/paths.ts';
import { openUser, type TestUser } from './harness/user.ts';

export { drivenApp, repository, shippedApp } from './harness/paths.ts';

/** Devmend, running. */
export interface Devmend extends Observer {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Process id of the main process. */
  readonly pid: number;
  /** Takes a picture into the artefacts. */
  readonly picture: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface LaunchOptions {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a command ended that was run as the stage's user. */
export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A display, an ordinary user with an empty home, and the app within the user's reach. */
export interface Stage {
  readonly user: TestUser;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The app's directory as the user sees it. */
  readonly application: string;
  /** Starts Devmend; its page is watched from its first load on. */
  readonly launch: (options?: LaunchOptions) => Promise<Devmend>;
  /** Runs a program as the user. */
  readonly asUser: (
    file: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ) => Promise<CommandResult>;
  /** Writes a file of the user's, with the directories above it. */
  readonly write: (path: string, content: string | Buffer, mode?: number) => void;
  /** Makes a tree that root laid out in the home the user's own. */
  readonly own: (path: string) => void;
  /** Ends every Devmend that still runs, for `afterEach`. */
  readonly quit: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Sets a stage. Close it in the test file's `afterAll`. */
export async function openStage(): Promise<Stage> {
  const user = openUser();
  const display = await openDisplay();
  const application = withinReach(user);
  const launcher = writeLauncher(user, application);
  const environment = environmentOf(user, display.name);
  const running = new Set<Devmend>();
  const quit = async (): Promise<void> => {
    for (const devmend of running) await devmend.close();
  };
  return {
    user,
    home: user.home,
    environment,
    application,
    launch: async (options = {}) => {
      const devmend = await launch(launcher, environment, options);
      running.add(devmend);
      // Playwright does not notice the end of one that was stopped and then killed.
      devmend.app.process().once('exit', () => running.delete(devmend));
      return devmend;
    },
    asUser: (file, args, extra = {}) => runAs(user, file, args, { ...environment, ...extra }),
    write: (path, content, mode = 0o644) => writeAs(user, path, content, mode),
    own: (path) => {
      if (process.getuid?.() !== 0) return;
      execFileSync('chown', ['-hR', `${user.uid}:${user.gid}`, path]);
    },
    quit,
    close: async () => {
      await quit();
      await display.close();
      await user.close();
    },
  };
}

async function launch(
  launcher: string,
  environment: Readonly<Record<string, string>>,
  options: LaunchOptions,
): Promise<Devmend> {
  const app = await _electron.launch({
    executablePath: launcher,
    chromiumSandbox: true,
    args: [...(options.args ?? [])],
    env: { ...environment, ...options.environment },
    cwd: '/',
  });
  const page = await app.firstWindow();
  const observer = await observe(page);
  const pid = await app.evaluate(() => process.pid);
  return {
    app,
    page,
    pid,
    ...observer,
    picture: async (name) => {
      await page.screenshot({ path: join(artefacts, `${name}.png`) });
    },
    close: () => app.close(),
  };
}

/** A checkout may lie where another user cannot look: its app is linked into the user's directory. */
function withinReach(user: TestUser): string {
  if (process.getuid?.() !== 0) return drivenApp;
  const target = join(user.directory, 'app');
  execFileSync('cp', ['--archive', '--reflink=auto', drivenApp, target]);
  execFileSync('chmod', ['--recursive', 'a+rX', target]);
  return target;
}

/** What Playwright starts: Devmend, as the stage's user when root runs the tests. */
function writeLauncher(user: TestUser, application: string): string {
  const file = join(user.directory, 'launch');
  const identity =
    process.getuid?.() === 0
      ? `setpriv --reuid=${user.uid} --regid=${user.gid} --init-groups -- `
      : '';
  writeFileSync(file, `#!/bin/sh\nexec ${identity}${join(application, 'devmend')} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

/** As a desktop session would have it, and nothing of the environment the tests run in. */
function environmentOf(user: TestUser, display: string): Record<string, string> {
  const runtime = join(user.directory, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  if (process.getuid?.() === 0) chownSync(runtime, user.uid, user.gid);
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    LANG: 'C.UTF-8',
    DISPLAY: display,
    XDG_RUNTIME_DIR: runtime,
  };
}

function runAs(
  user: TestUser,
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const identity = process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {};
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      ...identity,
      cwd: user.home,
      env: { ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

function writeAs(user: TestUser, path: string, content: string | Buffer, mode: number): void {
  const made = mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
  if (process.getuid?.() !== 0) return;
  chownSync(path, user.uid, user.gid);
  for (let above = dirname(path); made && above.startsWith(made); above = dirname(above)) {
    chownSync(above, user.uid, user.gid);
  }
}
