import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const repository = resolve(import.meta.dirname, '../..');

/** Runs a program and answers what it printed; rejects with its output when it fails. */
export async function run(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(file, [...args], {
    maxBuffer: 64 << 20,
    ...options,
  });
  return stdout;
}

/** Asks again until there is an answer; rejects with what was waited for after `seconds`. */
export async function eventually<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | null>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 250));
  }
}

/** A person who exists for one test: an account, a home, and the processes it started. */
export interface Person {
  readonly name: string;
  readonly home: string;
  readonly uid: number;
  /** Runs a program as this person, with a plain session's environment. */
  readonly run: (file: string, args: readonly string[], env?: object) => Promise<string>;
  readonly start: (file: string, args: readonly string[], env?: object) => ChildProcess;
  readonly processes: () => Promise<readonly number[]>;
  readonly remove: () => Promise<void>;
}

export async function createPerson(): Promise<Person> {
  const name = `devmend-${process.pid}`;
  await run('useradd', ['--create-home', '--shell', '/bin/bash', name]);
  const uid = Number(await run('id', ['-u', name]));
  const home = `/home/${name}`;
  const runtime = await mkdtemp(join(tmpdir(), 'devmend-session-'));
  await run('chown', [name, runtime]);
  const command = (file: string, args: readonly string[], env: object): readonly string[] => {
    const variables = {
      HOME: home,
      USER: name,
      LANG: 'C.UTF-8',
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/games',
      XDG_RUNTIME_DIR: runtime,
      ...env,
    };
    const assignments = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
    return ['-u', name, '--', 'env', '-i', '-C', home, ...assignments, file, ...args];
  };
  const processes = () => processesOf(uid);
  return {
    name,
    home,
    uid,
    processes,
    run: (file, args, env = {}) => run('runuser', command(file, args, env)),
    start: (file, args, env = {}) =>
      spawn('runuser', command(file, args, env), { stdio: 'ignore' }),
    async remove() {
      await eventually('the person’s processes have ended', 20, async () => {
        const left = await processes();
        for (const pid of left) kill(pid);
        return left.length === 0 ? true : null;
      });
      await run('userdel', ['--remove', name]).catch(() => '');
      await rm(runtime, { recursive: true, force: true });
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

async function processesOf(uid: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
    const alive = !/^State:\s+Z/m.test(status);
    if (alive && new RegExp(`^Uid:\\s+${uid}\\b`, 'm').test(status)) found.push(Number(entry));
  }
  return found;
}

export interface Display {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** A display without a screen, on a number that the server picks itself. */
export async function openDisplay(): Promise<Display> {
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-ac'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const pipe = server.stdio[3] as NodeJS.ReadableStream;
  const number = await new Promise<string>((found, failed) => {
    server.on('error', failed);
    server.on('exit', () => failed(new Error('Xvfb ended')));
    pipe.once('data', (data: Buffer) => found(data.toString().trim()));
  });
  const ended = new Promise<void>((done) => server.on('exit', () => done()));
  return {
    name: `:${number}`,
    stop: () => {
      server.kill();
      return ended;
    },
  };
}
