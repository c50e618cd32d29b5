import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { bundledCli, ended, type Ended } from '../cli/harness.ts';
import { testCacheDirectory } from '../../fixtures/test-cache.ts';

export const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

export interface Call {
  readonly home?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A shell script run before, in mount namespace of its own: what it mounts ends with it. */
  readonly mounts?: string;
  /** As an ordinary user whom access rights bind. */
  readonly asNobody?: boolean;
  readonly node?: readonly string[];
  /** It is refused after the first steps, which are shown before the sentence. */
  readonly begun?: boolean;
}

/** The bundled program, called as a person would, in a folder of its own. */
export class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), 'devmend-bad-'));
  readonly home = join(this.directory, 'home');
  private readonly program: () => string;

  constructor(program: () => string) {
    this.program = program;
    chmodSync(this.directory, 0o755);
    mkdirSync(this.home);
  }

  at(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  get script(): string {
    return this.program();
  }

  /** Nothing of the person who runs the tests. */
  environment(call: Call = {}): Record<string, string> {
    return {
      PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
      HOME: call.home ?? this.home,
      XDG_CACHE_HOME: call.asNobody === true ? this.nobodysOwn('cache') : testCacheDirectory(),
      ...call.environment,
    };
  }

  run(args: readonly string[], call: Call = {}): Promise<Ended> {
    const words = [
      ...(call.mounts === undefined
        ? []
        : ['unshare', '-m', 'sh', '-c', `set -e; ${call.mounts}; exec "$@"`, 'sh']),
      ...(call.asNobody === true
        ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
        : []),
      ...[process.execPath, ...(call.node ?? []), this.program(), ...args],
    ];
    const [file = '', ...rest] = words;
    const environment = this.environment(call);
    return ended(
      spawn(file, rest, {
        cwd: this.directory,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }

  /**
   * What a call says that is refused before it begins: the same status in both languages, one
   * sentence on stderr in each, no stack, nothing on stdout unless `stdout` allows it.
   */
  async refused(args: readonly string[], status: number, call: Call = {}): Promise<string> {
    const english = await this.run(args, call);
    const environment = { ...call.environment, LANG: 'zh_CN.UTF-8' };
    const chinese = await this.run(args, { ...call, environment });
    const all = JSON.stringify([args, english, chinese]);
    expect([english.code, chinese.code], all).toEqual([status, status]);
    for (const { stdout, stderr } of [english, chinese]) {
      expect(stdout + stderr).not.toMatch(/^ +at .+:\d+/mu);
      if (call.begun !== true) expect(stderr.trimEnd().split('\n'), all).toHaveLength(1);
    }
    expect(english.stderr).toMatch(/\. \S|; \S/u);
    expect(chinese.stderr, all).toMatch(/\p{Script=Han}.*。\n$/u);
    return english.stderr;
  }

  /** A directory that belongs to the ordinary user. */
  nobodysOwn(name: string): string {
    const path = this.at(name);
    mkdirSync(path, { recursive: true });
    chownSync(path, NOBODY, NOBODY);
    return path;
  }

  /** The id of what a scan finds wrong with a program. */
  async findingOf(program: string, args: readonly string[] = [], call: Call = {}): Promise<string> {
    const { stdout } = await this.run(['scan', '--json', '--program', program, ...args], call);
    const { findings } = JSON.parse(stdout) as { findings: { id: string; affected: string[] }[] };
    const found = findings.find(({ affected }) => affected[0] === program);
    if (found === undefined) throw new Error(`nothing found about ${program}: ${stdout}`);
    return found.id;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A bench for the tests of one file, with the program that is built once for it. */
export function benches(): () => Bench {
  const cli = bundledCli();
  const open: Bench[] = [];
  beforeAll(() => chmodSync(dirname(cli.path()), 0o755));
  afterAll(() => open.forEach((bench) => bench.remove()));
  return () => {
    const bench = new Bench(cli.path);
    open.push(bench);
    return bench;
  };
}

/** Everything that must be as it was: names, bytes, modes, owners, link targets, file times. */
export function treeDigest(directory: string, except: readonly string[] = []): string {
  const hash = createHash('sha256');
  const look = (path: string): void => {
    if (except.includes(path)) return;
    const { mode, uid, gid, mtimeMs, nlink } = lstatSync(path);
    const kind = lstatSync(path);
    if (kind.isDirectory()) {
      hash.update(`${path} ${mode} ${uid} ${gid}\0`);
      for (const name of readdirSync(path).sort()) look(join(path, name));
      return;
    }
    hash.update(`${path} ${mode} ${uid} ${gid} ${mtimeMs} ${nlink}\0`);
    if (kind.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (kind.isFile()) hash.update(readFileSync(path));
  };
  look(directory);
  return hash.digest('hex');
}

/** The last line on stderr: the sentence that says how it ended. */
export const sentence = ({ stderr }: Ended): string => stderr.trimEnd().split('\n').at(-1) ?? '';
