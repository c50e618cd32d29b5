import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostMachine } from '../../../electron/engine/host.ts';
import { traceLaunch } from '../../../electron/engine/trace/trace.ts';
import type { TraceReport } from '../../../shared/trace.ts';
import { bench, compile, first, kinds, leftDirectories, noTools, traced } from './bench.ts';

const here = bench();
const both = [
  ['with strace', undefined],
  ['without strace', noTools],
] as const;

function script(name: string, text: string, mode = 0o755): string {
  writeFileSync(here.path(name), text);
  chmodSync(here.path(name), mode);
  return here.path(name);
}

describe.each(both)('a file that the kernel does not start, %s', (name, given) => {
  const tools = given === undefined ? {} : { tools: given };
  const own = (text: string): string => `${name.replace(' ', '-')}-${text}`;

  it('because its interpreter is missing', async () => {
    const path = script(own('script'), '#!/no/such/interpreter -x\n');
    const report = await traced(path, tools);
    expect(report.explanations[0]).toMatchObject({
      kind: 'interpreter-missing',
      subject: '/no/such/interpreter',
    });
  });

  it('because the interpreter of its ELF file is missing', async () => {
    const path = here.path(own('elf'));
    compile('int main(void){return 0;}', path, '-Wl,--dynamic-linker=/no/such/ld.so');
    const report = await traced(path, tools);
    expect(report.explanations[0]).toMatchObject({
      kind: 'interpreter-missing',
      subject: '/no/such/ld.so',
    });
    expect(report.simulation).toMatchObject({ verdict: 'fails', agrees: true });
  });

  it('because it may not be executed', async () => {
    const report = await traced(script(own('plain'), '#!/bin/sh\n', 0o644), tools);
    expect(kinds(report)[0]).toBe('not-executable');
  });

  it('because it is no program at all', async () => {
    const report = await traced(script(own('text'), 'echo never run\n'), tools);
    expect(kinds(report)[0]).toBe('not-executable');
    expect(report.explanations[0]?.text.key).toBe('trace.text.no-program');
  });

  it('because it is for another machine', async () => {
    const bytes = readFileSync('/bin/true');
    const EM_RISCV = 243;
    bytes.writeUInt16LE(EM_RISCV, 18);
    writeFileSync(here.path(own('foreign')), bytes, { mode: 0o755 });
    const report = await traced(here.path(own('foreign')), tools);
    expect(kinds(report)[0]).toBe('wrong-class');
  });

  it('because it is a dangling link', async () => {
    symlinkSync('nowhere', here.path(own('link')));
    const report = await traced(here.path(own('link')), tools);
    expect(kinds(report)[0]).toBe('broken-link');
    expect(report.notes.map(({ key }) => key)).not.toContain('trace.note.strace-refused');
  });
});

describe('a program', () => {
  it('that is a script is followed to what it starts, and a child that fails is named', async () => {
    const child = here.path('child');
    mkdirSync(here.path('lib'));
    compile('int give(void){return 0;}', here.path('lib/libgone.so'), '-shared', '-fPIC');
    compile(
      'int give(void); int main(void){return give();}',
      child,
      `-L${here.path('lib')}`,
      '-lgone',
    );
    const path = script('parent', `#!/bin/sh\n${child}\nexit 0\n`);
    const report = await traced(path);
    expect(report.end.code).toBe(0);
    const found = first(report, 'library-not-found');
    expect(found.subject).toBe('libgone.so');
    expect(found.process?.program).toBe(child);
    const [own, started] = report.processes;
    expect(started).toMatchObject({ parent: own?.pid, program: child });
    expect(kinds(report)).not.toContain('all-well');
  });

  it('that is ended by a signal is explained by it', async () => {
    compile('int main(void){ *(volatile int *)0 = 1; return 0; }', here.path('crash'));
    const report = await traced(here.path('crash'));
    expect(first(report, 'killed-by-signal').subject).toBe('SIGSEGV');
    expect(report.end.signal).toBe('SIGSEGV');
  });

  it('gets its arguments as they are, no input, and shows its output as it comes', async () => {
    const path = script('echo', '#!/bin/sh\ncat\nprintf "[%s]" "$@"\nexit 7\n');
    let output = '';
    const report = await traced(path, {
      arguments: ['a b', '$HOME', ';id'],
      onOutput: (text) => (output += text),
    });
    expect(output).toContain('[a b][$HOME][;id]');
    expect(output).toContain('execve(');
    expect(report.end.code).toBe(7);
    expect(kinds(report)).toEqual(['exit-status']);
  });

  it('with line ends, quotes and brackets in its name, and in the libraries it opens', async () => {
    const directory = here.path('a "b"\n<c>, d)= 0\\');
    mkdirSync(directory);
    compile('int give(void){return 0;}', join(directory, 'libgive.so'), '-shared', '-fPIC');
    const program = join(directory, 'prog ram');
    compile(
      'int give(void); int main(void){return give();}',
      program,
      `-L${directory}`,
      '-lgive',
      '-Wl,-rpath,$ORIGIN',
    );
    const report = await traced(program);
    expect(kinds(report)).toEqual(['all-well']);
    expect(report.processes[0]?.program).toBe(program);
  });

  it('that is static, or uses musl, is traced all the same, and the report says what is missing', async () => {
    compile('int main(void){return 0;}', here.path('static'), '-static');
    const still = await traced(here.path('static'));
    expect(kinds(still)).toEqual(['all-well']);
    expect(still.notes.map(({ key }) => key)).toContain('trace.note.static');

    const library = here.path('libmusl-test.so');
    const program = here.path('musl');
    writeFileSync(here.path('musl.c'), 'int give(void); int main(void){return give();}');
    writeFileSync(here.path('give.c'), 'int give(void){return 0;}');
    execFileSync('musl-gcc', ['-shared', '-fPIC', '-o', library, here.path('give.c')]);
    execFileSync('musl-gcc', ['-o', program, here.path('musl.c'), library]);
    rmSync(library);
    const report = await traced(program);
    expect(report.notes.map(({ key }) => key)).toContain('trace.note.musl');
    expect(first(report, 'library-not-found').subject).toBe(library);
  });

  it('that strace may not watch is started without it, once', async () => {
    const count = here.path('count');
    const path = script('counted', `#!/bin/sh\necho x >> ${count}\n`);
    const refusing = script('strace', '#!/bin/sh\necho ptrace: not permitted >&2\nexit 1\n');
    const report = await traced(path, { tools: { strace: refusing, ltrace: null } });
    expect(readFileSync(count, 'utf8')).toBe('x\n');
    expect(report.tools.strace).toBe(false);
    expect(report.notes.map(({ key }) => key)).toContain('trace.note.strace-refused');
  });

  it('that fails after it asked for a terminal is told that it had none', async () => {
    const program = here.path('tty');
    compile('#include <unistd.h>\nint main(void){return isatty(0) ? 0 : 3;}', program);
    const notes = ({ notes: all }: TraceReport) =>
      all.filter(({ key }) => key === 'trace.note.no-terminal');
    const report = await traced(program);
    expect(kinds(report)).toEqual(['exit-status']);
    expect(notes(report)).toMatchObject([
      {
        params: {
          program,
          call: expect.stringMatching(/^ioctl\(0<.*(TCGETS|TIOCGWINSZ).* ENOTTY/) as string,
        },
      },
    ]);
    const child = script('child', `#!/bin/sh\n${program}\nexit 4\n`);
    expect(notes(await traced(child))).toMatchObject([{ params: { program } }]);
    compile(
      '#include <fcntl.h>\nint main(void){return open("/dev/tty", O_RDWR) < 0 ? 5 : 0;}',
      here.path('opens'),
    );
    expect(notes(await traced(here.path('opens')))).toMatchObject([
      { params: { call: expect.stringContaining('"/dev/tty"') as string } },
    ]);
    // It asks too, and goes on without; and what never asks fails for another reason.
    compile('#include <unistd.h>\nint main(void){isatty(0); return 0;}', here.path('colours'));
    compile('int main(void){return 6;}', here.path('fails'));
    for (const name of ['colours', 'fails'])
      expect(notes(await traced(here.path(name)))).toEqual([]);
  });

  it('with setuid is noted: its loader tells nothing', async () => {
    compile('int main(void){return 0;}', here.path('setuid'));
    chmodSync(here.path('setuid'), 0o4755);
    const report = await traced(here.path('setuid'));
    expect(report.notes.map(({ key }) => key)).toContain('trace.note.secure');
  });

  it('behind a loop of links is refused, or explained, and never thrown at anybody', async () => {
    symlinkSync('loop', here.path('loop'));
    const job = { emit: () => {}, signal: new AbortController().signal };
    const ask = (program: string) => ({ program, arguments: [], timeLimitMs: 60_000 });
    const inside = await traceLaunch(hostMachine(), ask(join(here.path('loop'), 'x')), job);
    expect(inside).toMatchObject({
      error: {
        code: 'file-unreadable',
        params: { detail: expect.stringContaining('ELOOP') as string },
      },
    });
    const below = await traceLaunch(hostMachine(), ask(join(process.execPath, 'x')), job);
    expect(below).toMatchObject({ error: { code: 'file-not-found' } });
    expect((await traced(here.path('loop'))).end.code).not.toBe(0);
  });

  it('is watched in an absolute directory, be TMPDIR relative', async () => {
    const was = process.env['TMPDIR'];
    process.env['TMPDIR'] = relative(process.cwd(), here.path('.'));
    try {
      const report = await traced('/bin/true', { tools: noTools });
      expect(report.loaded.length).toBeGreaterThan(0);
    } finally {
      if (was === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = was;
    }
  });

  it('is not started where there is no place for the record, and that is no fault of Devmend', async () => {
    const was = process.env['TMPDIR'];
    process.env['TMPDIR'] = here.path('no-such-directory');
    try {
      const job = { emit: () => {}, signal: new AbortController().signal };
      const request = { program: '/bin/true', arguments: [], timeLimitMs: 1_000 };
      expect(await traceLaunch(hostMachine(), request, job)).toMatchObject({
        error: { code: 'io', params: { path: here.path('no-such-directory') } },
      });
    } finally {
      if (was === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = was;
    }
  });

  it('that makes the loader tell too much is explained by the beginning, and the report says so', async () => {
    const told = script('chatty', '#!/bin/sh\ntruncate -s 20M "$LD_DEBUG_OUTPUT.4194304"\n');
    const report = await traced(told, { tools: noTools });
    expect(report.notes.map(({ key }) => key)).toContain('trace.note.cut-off');
    const quiet = await traced('/bin/true', { tools: noTools });
    expect(quiet.notes.map(({ key }) => key)).not.toContain('trace.note.cut-off');
  });

  it('inside another root is never run', async () => {
    const marker = here.path('was-run');
    const path = script('other-root', `#!/bin/sh\ntouch ${marker}\n`);
    const machine = hostMachine({ root: here.path('.') });
    const request = { program: path, arguments: [], timeLimitMs: 1_000 };
    const job = { emit: () => {}, signal: new AbortController().signal };
    expect(await traceLaunch(machine, request, job)).toMatchObject({
      error: { code: 'other-root' },
    });
    expect(existsSync(marker)).toBe(false);
  });
});

/** Starts a child that leaves for a session of its own, twice removed, and writes its number down. */
const DAEMON = `#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int count, char **words) {
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      FILE *file = fopen(words[1], "w"); fprintf(file, "%d", getpid()); fclose(file);
      if (count > 2) { char *none[] = {0}; char *self[] = {"sleep", "1000", 0}; execve("/bin/sleep", self, none); }
      for (;;) pause();
    }
    _exit(0);
  }
  for (;;) pause();
}`;

describe('no leftovers', () => {
  it.each([
    ['strace', undefined, []],
    ['strace, without an environment', undefined, ['clean']],
    ['LD_DEBUG alone', noTools, []],
    ['LD_DEBUG alone, without an environment', noTools, ['clean']],
  ])('past the time limit nothing of it runs on: %s', async (name, tools, more) => {
    const program = here.path(`daemon-${name.length}`);
    const number = `${program}.pid`;
    compile(DAEMON, program);
    const report = await traced(program, {
      arguments: [number, ...more],
      timeLimitMs: 1_500,
      ...(tools === undefined ? {} : { tools }),
    });
    expect(report.end.timedOut).toBe(true);
    expect(kinds(report)).toContain('timed-out');
    expect(kinds(report)).not.toContain('killed-by-signal');
    expect(first(report, 'timed-out').text.key).toBe('trace.text.timed-out');
    const pid = Number(readFileSync(number, 'utf8'));
    expect(pid).toBeGreaterThan(1);
    expect(isRunning(pid)).toBe(false);
  });

  it('past the time limit a program that has ended is not said to be running still', async () => {
    const report = await traced(script('launcher', '#!/bin/sh\nsleep 1000 &\nexit 0\n'), {
      timeLimitMs: 5_000,
    });
    expect(report.end).toMatchObject({ code: 0, timedOut: true });
    expect(first(report, 'timed-out').text.key).toBe('trace.text.timed-out-started');
  });

  it('cancelled, it ends at once, and the temporary directory is empty', async () => {
    const before = leftDirectories();
    const program = here.path('daemon-cancelled');
    const number = `${program}.pid`;
    compile(DAEMON, program);
    const controller = new AbortController();
    const report = await traced(program, {
      arguments: [number],
      signal: controller.signal,
      onOutput: () => {
        if (existsSync(number) && readFileSync(number, 'utf8') !== '') controller.abort();
      },
    });
    expect(report.end).toMatchObject({ cancelled: true, timedOut: false });
    expect(kinds(report)).toContain('cancelled');
    expect(isRunning(Number(readFileSync(number, 'utf8')))).toBe(false);
    expect(leftDirectories().filter((one) => !before.includes(one))).toEqual([]);
  });
});

/** A process that has ended may still wait to be collected by whoever adopted it. */
function isRunning(pid: number): boolean {
  try {
    const state = /\) ([A-Z])/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
