import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Calls that change a file system. openat counts where it creates or truncates. */
const MUTATING = [
  ...['openat', 'write', 'pwrite64', 'pwritev', 'ftruncate', 'fsync', 'fdatasync'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'unlink', 'unlinkat'],
  ...['mkdir', 'mkdirat', 'rmdir', 'chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'utimensat'],
];

/** Names with the process id in them: strace could not be told to wait for them. */
const OTHER_EACH_RUN = /\/lock\.\d+\./;

/** One place to kill at: the n-th call of a kind, counted as strace counts it. */
export interface KillPoint {
  readonly call: string;
  readonly when: number;
  /** The line of the clean trace, for the message of a failure. */
  readonly line: string;
}

/** A directory with a fixed name, because strace's -P wants the same paths in every run. */
export class Campaign {
  readonly directory = mkdtempSync(join(tmpdir(), 'devmend-crash-'));
  readonly work = join(this.directory, 'work');
  private readonly program = join(this.directory, 'program.mjs');
  private readonly trace = join(this.directory, 'trace');

  /** Bundles the program once; without it every run would compile the engine. */
  async prepare(): Promise<void> {
    await build({
      entryPoints: [new URL('crash-program.ts', import.meta.url).pathname],
      outfile: this.program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      // jsonc-parser's UMD build hides its requires from bundlers.
      mainFields: ['module', 'main'],
      logLevel: 'error',
      banner: {
        js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
      },
    });
  }

  /** A home with a settings file, a hard-linked one, a program to copy and a tree to remove. */
  freshHome(): void {
    rmSync(this.work, { recursive: true, force: true });
    const home = join(this.work, 'home');
    mkdirSync(join(home, 'program/inner'), { recursive: true });
    mkdirSync(join(home, 'old/inner'), { recursive: true });
    writeFileSync(join(home, 'settings.json'), '{\n  "a": 1 // one\n}');
    writeFileSync(join(home, 'linked.json'), '{"a": 1, "padding": "................"}\n');
    linkSync(join(home, 'linked.json'), join(home, 'other-name.json'));
    writeFileSync(join(home, 'program/inner/main'), 'main '.repeat(100));
    writeFileSync(join(home, 'old/inner/file'), 'old');
  }

  /** Keeps the present state under a name, to start many runs from it. */
  save(name: string): void {
    execFileSync('cp', ['-a', '--', this.work, join(this.directory, name)]);
  }

  load(name: string): void {
    rmSync(this.work, { recursive: true, force: true });
    execFileSync('cp', ['-a', '--', join(this.directory, name), this.work]);
  }

  /** Runs an operation to its end, without strace. */
  run(operation: string): string {
    return execFileSync(process.execPath, [this.program, operation, this.work], {
      encoding: 'utf8',
      env: this.environment(),
    });
  }

  /** Every place at which the operation changes the file system, from a clean trace. */
  killPoints(operation: string): readonly KillPoint[] {
    this.strace(operation, ['-y', '-e', `trace=${MUTATING.join(',')}`]);
    const counts = new Map<string, number>();
    const points: KillPoint[] = [];
    for (const line of readFileSync(this.trace, 'utf8').split('\n')) {
      const [, thread, call, rest] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
      if (thread === undefined || call === undefined || rest === undefined) continue;
      const paths = [...rest.matchAll(/[<"](\/[^>"]*)[>"]/g)].map(([, path]) => path ?? '');
      const ours = paths.filter((path) => path.startsWith(this.work) && !OTHER_EACH_RUN.test(path));
      if (ours.length === 0) continue;
      ours.forEach((path) => this.paths.add(path));
      this.threads.add(`${operation} ${thread}`);
      const when = (counts.get(call) ?? 0) + 1;
      counts.set(call, when);
      if (call !== 'openat' || /O_CREAT|O_TRUNC/.test(rest)) points.push({ call, when, line });
    }
    return points;
  }

  /** Threads that made those calls; more than one in a run would spoil the counting. */
  readonly threads = new Set<string>();
  private readonly paths = new Set<string>();

  /** Runs the operation and kills it at the point; true when the kill has happened. */
  kill(operation: string, { call, when }: KillPoint): boolean {
    const only = [...this.paths].flatMap((path) => ['-P', path]);
    const inject = `inject=${call}:signal=SIGKILL:when=${when}`;
    this.strace(operation, [...only, '-e', `trace=${call}`, '-e', inject]);
    return readFileSync(this.trace, 'utf8').includes('killed by SIGKILL');
  }

  /** -b execve: children that run another program (cp, touch) are let go, and count for nothing. */
  private strace(operation: string, options: readonly string[]): void {
    const node = [process.execPath, this.program, operation, this.work];
    const args = ['-f', '-b', 'execve', '-qq', '-o', this.trace, ...options, '--', ...node];
    spawnSync('strace', args, { env: this.environment() });
  }

  /** One thread for all file system work: only then is "the n-th call" the same call each time. */
  private environment(): Record<string, string> {
    return { PATH: '/usr/bin:/bin', UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' };
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
