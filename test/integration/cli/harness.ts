import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn as spawnTerminal } from 'node-pty';
import { afterAll, beforeAll } from 'vitest';
import { bundle } from '../../../build/scripts/build.mjs';
import { testCacheDirectory } from '../../fixtures/test-cache.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Options for Node itself, before the program. */
  readonly node?: readonly string[];
  /** Who runs it, where that is not who runs the tests. */
  readonly uid?: number;
  readonly gid?: number;
}

/** The bundled program, built for this test file in a directory of its own. */
export function bundledCli(): {
  readonly path: () => string;
  readonly start: (args: readonly string[], options: RunOptions) => ChildProcess;
  readonly run: (args: readonly string[], options: RunOptions) => Promise<Ended>;
  readonly terminal: (args: readonly string[], options: RunOptions) => Terminal;
} {
  let directory = '';
  const path = (): string => join(directory, 'devmend.js');
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'devmend-cli-'));
    await bundle('cli', path());
    chmodSync(directory, 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const start = (args: readonly string[], options: RunOptions): ChildProcess =>
    spawn(process.execPath, [...(options.node ?? []), path(), ...args], {
      cwd: options.cwd ?? options.home,
      env: environmentOf(options),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
  return {
    path,
    start,
    run: (args, options) => ended(start(args, options)),
    terminal: (args, options) => new Terminal(path(), args, options),
  };
}

/** Nothing of the person who runs the tests: no language, no colours, no display. */
function environmentOf(options: RunOptions): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    HOME: options.home,
    XDG_CACHE_HOME: testCacheDirectory(),
    TERM: 'xterm-256color',
    ...options.environment,
  };
}

/** What a child wrote and how it ended. */
export function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      // A sentence with a hole in it is a fault wherever it turns up.
      const hole = /\{\{\w+\}\}/u.exec(stdout + stderr);
      if (hole === null) resolve({ code, stdout, stderr });
      else reject(new Error(`unfilled ${hole[0]} in: ${stdout}${stderr}`));
    });
  });
}

const SEQUENCES = /\u001b\[[0-?]*[ -/]*[@-~]/gu;

/** A person at a terminal of 80 columns: reads what is on it, and types. */
export class Terminal {
  private readonly pty: ReturnType<typeof spawnTerminal>;
  private text = '';
  private seen = 0;
  private code: number | null = null;
  private wake: () => void = () => {};

  constructor(program: string, args: readonly string[], options: RunOptions) {
    this.pty = spawnTerminal(process.execPath, [...(options.node ?? []), program, ...args], {
      cols: 80,
      rows: 30,
      cwd: options.cwd ?? options.home,
      env: environmentOf(options),
    });
    this.pty.onData((data) => {
      this.text += data;
      this.wake();
    });
    this.pty.onExit(({ exitCode }) => {
      this.code = exitCode;
      this.wake();
    });
  }

  /** Everything so far, without colours and cursor movements. */
  get screen(): string {
    return this.text.replaceAll(SEQUENCES, '').replaceAll('\r', '');
  }

  get raw(): string {
    return this.text;
  }

  /** Waits until the words appear behind what was awaited before; answers what came until then. */
  async shows(words: string | RegExp): Promise<string> {
    for (;;) {
      const rest = this.screen.slice(this.seen);
      const found =
        typeof words === 'string'
          ? { index: rest.indexOf(words), length: words.length }
          : { index: rest.search(words), length: words.exec(rest)?.[0].length ?? 0 };
      if (found.index >= 0) {
        this.seen += found.index + found.length;
        return rest.slice(0, found.index + found.length);
      }
      if (this.code !== null) throw new Error(`ended with ${this.code} before ${words}:\n${rest}`);
      await this.change();
    }
  }

  type(keys: string): void {
    this.pty.write(keys);
  }

  async exit(): Promise<number> {
    while (this.code === null) await this.change();
    return this.code;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
