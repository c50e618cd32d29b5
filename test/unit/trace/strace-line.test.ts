import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseCall,
  pathOfDescriptor,
  StraceReader,
  unquote,
} from '../../../electron/engine/trace/strace-line.ts';
import { StraceLog } from '../../../electron/engine/trace/strace-log.ts';

describe('a line of strace', () => {
  it('is taken apart at its commas, not at those in names and structures', () => {
    const call = parseCall(
      'openat(AT_FDCWD</a, b)>, "/x \\"y\\", z)\\n\\303\\244", O_RDONLY|O_CLOEXEC) = 3</x, )>',
    );
    expect(call?.args).toHaveLength(3);
    expect(unquote(call?.args[1])).toBe('/x "y", z)\nä');
    expect(pathOfDescriptor(call?.args[0])).toBe('/a, b)');
    expect(call).toMatchObject({ name: 'openat', errno: null });
  });

  it('names the error, and knows lists and addresses', () => {
    const call = parseCall(
      'execve("/bin/x", ["x", "a, b"], 0x7ffc /* 3 vars */) = -1 ENOENT (No such file or directory)',
    );
    expect(call).toMatchObject({ name: 'execve', errno: 'ENOENT' });
    expect(call?.args).toHaveLength(3);
  });

  it('that was interrupted by another thread is put together again', () => {
    const reader = new StraceReader();
    expect(reader.line('7 openat(AT_FDCWD</>, "/a", O_RDONLY <unfinished ...>')).toBeNull();
    expect(reader.line('8 exit_group(0)     = ?')).toMatchObject({ pid: 8 });
    expect(reader.line('7 <... openat resumed>) = -1 EACCES (Permission denied)')).toMatchObject({
      pid: 7,
      call: { name: 'openat', errno: 'EACCES' },
    });
  });

  it('of a thread that starts a program goes on under the number of its process', () => {
    const reader = new StraceReader();
    expect(reader.line('8 execve("/bin/x", ["x"], 0x7ffc <pid changed to 7 ...>')).toBeNull();
    expect(reader.line('7 +++ superseded by execve in pid 8 +++')).toBeNull();
    expect(reader.line('7 <... execve resumed>)         = 0')).toMatchObject({
      pid: 7,
      call: { name: 'execve', errno: null },
    });
  });

  it('tells how a process ended', () => {
    const reader = new StraceReader();
    expect(reader.line('7 +++ exited with 3 +++')).toMatchObject({ kind: 'exited', code: 3 });
    expect(reader.line('7 +++ killed by SIGSEGV (core dumped) +++')).toMatchObject({
      kind: 'killed',
      signal: 'SIGSEGV',
    });
    expect(reader.line('7 --- SIGCHLD {si_signo=SIGCHLD} ---')).toBeNull();
  });

  it('may be anything at all', () => {
    const reader = new StraceReader();
    fc.assert(
      fc.property(fc.string(), (text) => {
        reader.line(text);
        reader.line(`7 ${text}`);
        reader.line(`7 openat(${text}`);
        unquote(`"${text}"`);
      }),
    );
  });
});

describe('the log of strace', () => {
  it('knows no process that is a thread, be it that the thread was heard of first', () => {
    const log = new StraceLog();
    for (const line of [
      '7 execve("/bin/x", ["x"], 0x7ffc /* 3 vars */) = 0',
      '7 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88 <unfinished ...>',
      '8 openat(AT_FDCWD</>, "/a", O_RDONLY) = 3</a>',
      '7 <... clone3 resumed> => {parent_tid=[8]}) = 8',
      '8 openat(AT_FDCWD</>, "/b", O_RDONLY) = 3</b>',
      '8 +++ exited with 0 +++',
      '7 +++ exited with 0 +++',
    ])
      log.add(line);
    expect([...log.processes.keys()]).toEqual([7]);
    expect([...(log.first?.openings.keys() ?? [])]).toEqual(['/a', '/b']);
  });
});
