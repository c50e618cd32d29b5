import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseCall,
  pathOfDescriptor,
  StraceReader,
  unquote,
} from '../../../electron/engine/trace/strace-line.ts';

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
