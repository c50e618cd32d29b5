import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { follow } from '../../../electron/engine/trace/follow.ts';
import { StraceLog } from '../../../electron/engine/trace/strace-log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'devmend-log-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const job = { emit: () => undefined, signal: new AbortController().signal };

describe('a log that the traced program has got at', () => {
  it('is not waited for when it is a pipe, nor followed when it is a link', () => {
    const [pipe, link] = [join(directory, 'pipe'), join(directory, 'link')];
    execFileSync('mkfifo', [pipe]);
    writeFileSync(join(directory, 'other'), '1 exit_group(0) = ?\n');
    symlinkSync('other', link);
    for (const path of [pipe, link, directory]) {
      const lines: string[] = [];
      follow(path, job, (line) => lines.push(line)).stop();
      expect(lines).toEqual([]);
    }
  });

  it('a number that only clone returned is not taken for one of this pid namespace', () => {
    const log = new StraceLog();
    log.add('100 execve("/a", ["/a"], 0x1) = 0');
    log.add('100 clone(child_stack=NULL, flags=SIGCHLD) = 5');
    log.add('100 clone(child_stack=NULL, flags=SIGCHLD) = 101');
    log.add('101 exit_group(0) = ?');
    const watched = [...log.processes.values()].filter((one) => one.watched);
    expect(watched.map(({ pid }) => pid)).toEqual([100, 101]);
  });
});
