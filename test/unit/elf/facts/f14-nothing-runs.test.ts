import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundledCli } from '../../../integration/cli/harness.ts';
import { compile, library, RUNPATH, temporaryDirectory } from '../tools.ts';

const directory = temporaryDirectory();
const cli = bundledCli();
const marker = path.join(directory, 'marker');

const MARK = `#include <fcntl.h>
__attribute__((constructor)) static void mark(void) { open("${marker}", O_CREAT | O_WRONLY, 0600); }
`;

const BARE_MARK = `static long call(long n, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result)
    : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
}
void _start(void) {
  static const char file[] = "${marker}";
  call(257, -100, (long)file, 0101, 0600);
  call(231, 0, 0, 0, 0);
}
`;

/**
 * A program that leaves a mark in every way a look at it could run something:
 * its interpreter, its own constructor, a library's. (`ldd` starts the first.)
 */
function trap(): {
  readonly program: string;
  readonly library: string;
  readonly interpreter: string;
} {
  const trapped = library(directory, 'libtrap.so', `${MARK}int trap(void) { return 0; }\n`);
  const main = 'int trap(void);\nint main(void) { return trap(); }\n';
  // Without a libc: what the kernel starts in place of a program has no start-up code of its own.
  const interpreter = compile(directory, 'interpreter', BARE_MARK, [
    '-static-pie',
    '-nostdlib',
    '-fno-stack-protector',
  ]);
  const args = [`-L${directory}`, '-ltrap', RUNPATH, '-Wl,-rpath,$ORIGIN'];
  const program = compile(directory, 'program', `${MARK}${main}`, [
    ...args,
    `-Wl,--dynamic-linker=${interpreter}`,
  ]);
  compile(directory, 'ordinary', `${MARK}${main}`, args);
  return { program, library: trapped, interpreter };
}

describe('F14 nothing is executed', () => {
  test('F14 deps, elf and scan only read: strace sees no exec of program, interpreter or library', () => {
    const { program } = trap();
    const ordinary = path.join(directory, 'ordinary');
    const run = (args: readonly string[], trace: string): string => {
      const node = [process.execPath, cli.path(), ...args];
      const done = spawnSync(
        'strace',
        ['-f', '-qq', '-e', 'trace=execve,execveat', '-o', trace, ...node],
        {
          encoding: 'utf8',
          env: { PATH: '/usr/bin:/bin', HOME: directory },
        },
      );
      return `${done.stdout}${done.stderr}`;
    };
    for (const [index, args] of [
      ['deps', program],
      ['deps', ordinary],
      ['elf', directory],
      ['scan', program, ordinary],
    ].entries()) {
      const trace = path.join(directory, `trace-${index}`);
      const said = run(args, trace);
      // What a scan finds in order it does not name.
      expect(said).toContain(args[0] === 'scan' ? '' : path.basename(args[1] ?? ''));
      expect(said).not.toBe('');
      const calls = fs.readFileSync(trace, 'utf8');
      const executed = [...calls.matchAll(/execve(?:at)?\((?:\w+, )?"([^"]*)"/g)].map(
        (one) => one[1],
      );
      expect(executed).toContain(process.execPath);
      expect(executed.filter((one) => one?.startsWith(directory))).toEqual([]);
      expect(fs.existsSync(marker)).toBe(false);
    }
    // The trap is armed: both do leave the mark when they are started.
    for (const one of [program, ordinary]) {
      spawnSync(one);
      expect([one, fs.existsSync(marker)]).toEqual([one, true]);
      fs.rmSync(marker);
    }
  });
});
