import * as nodePty from 'node-pty';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { PAUSE_ABOVE } from '../../../shared/job.ts';
import type { Command } from '../../../electron/engine/command.ts';
import { createFlowControl } from '../../../electron/terminal/flow-control.ts';
import { ptyModule, type PtyModule } from '../../../electron/terminal/pty-module.ts';
import { createPtyRunner } from '../../../electron/terminal/pty-runner.ts';

const pty = ptyModule(nodePty) as PtyModule;
const directory = mkdtempSync(join(tmpdir(), 'devmend-pty-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function shell(script: string, more: Partial<Command> = {}): Command {
  return {
    file: '/bin/sh',
    args: ['-c', script],
    environment: { PATH: '/usr/bin:/bin' },
    timeoutMs: 60_000,
    ...more,
  };
}

const never = new AbortController().signal;
const ignore = (): void => undefined;
const run = createPtyRunner(pty, createFlowControl());

function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a command in a terminal', () => {
  it('sees a terminal, and its output and exit code come back', async () => {
    const seen: string[] = [];
    const outcome = await run(
      shell('test -t 1 && echo tty; exit 7'),
      (text) => seen.push(text),
      never,
    );
    expect(outcome).toEqual({
      exitCode: 7,
      signal: null,
      timedOut: false,
      cancelled: false,
      output: 'tty\r\n',
    });
    expect(seen.join('')).toBe(outcome.output);
  });

  it('inherits nothing but what it is given', async () => {
    const outcome = await run(shell('env | sort', { environment: { A: '1' } }), ignore, never);
    const names = outcome.output
      .split(/\r?\n/)
      .filter(Boolean)
      .map((line) => line.split('=')[0]);
    // PWD and TERM are the terminal's own, _ and OLDPWD the shell's.
    expect(
      names.filter((name) => !['A', 'PWD', 'TERM', '_', 'OLDPWD'].includes(name ?? '')),
    ).toEqual([]);
    expect(names).toContain('A');
  });

  it('gets no descriptor of Devmend’s side of the terminal', async () => {
    const outcome = await run(shell('ls -l /proc/self/fd'), ignore, never);
    expect(outcome.output).toContain('/dev/pts/');
    expect(outcome.output).not.toContain('ptmx');
  });

  it('that a signal ended names the signal', async () => {
    const outcome = await run(shell('kill -SEGV $$'), ignore, never);
    expect(outcome).toMatchObject({ exitCode: null, signal: 'SIGSEGV' });
  });

  it('that cannot be started rejects: no file, not executable, interpreter missing', async () => {
    const plain = join(directory, 'plain');
    writeFileSync(plain, 'text', { mode: 0o644 });
    const script = join(directory, 'script');
    writeFileSync(script, '#!/nowhere/interpreter\n', { mode: 0o755 });
    const start = (file: string) => run({ ...shell(''), file, args: [] }, ignore, never);
    await expect(start(join(directory, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(start(plain)).rejects.toMatchObject({ code: 'EACCES' });
    await expect(start(directory)).rejects.toMatchObject({ code: 'EACCES' });
    await expect(start(script)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('past its time limit is ended with all its children', async () => {
    const pidFile = join(directory, 'child');
    const outcome = await run(
      shell(`sleep 1000 & echo $! > ${pidFile}; trap '' TERM; wait; sleep 1000`, {
        timeoutMs: 300,
      }),
      ignore,
      never,
    );
    expect(outcome).toMatchObject({ timedOut: true, cancelled: false });
    expect(alive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  it('that is cancelled is ended', async () => {
    const controller = new AbortController();
    const running = run(
      shell('echo begun; sleep 1000'),
      () => controller.abort(),
      controller.signal,
    );
    expect(await running).toMatchObject({ cancelled: true, timedOut: false });
  });

  it('keeps characters whole that arrive in pieces', async () => {
    const outcome = await run(
      shell(`printf '\\346\\261'; sleep 0.2; printf '\\211\\n'`),
      ignore,
      never,
    );
    expect(outcome.output).toBe('汉\r\n');
  });
});

describe('flow control with a real program', () => {
  it('stops the program while too much is on its way, and loses nothing', async () => {
    const flow = createFlowControl();
    const slow = createPtyRunner(pty, flow);
    const progress = join(directory, 'progress');
    let received = 0;
    let highest = 0;
    let pauses = 0;
    flow.attach({ pause: () => (pauses += 1), resume: ignore });
    const pending: number[] = [];
    const running = slow(
      shell(`seq 1 300000; echo > ${progress}`),
      (text) => {
        received += text.length;
        flow.sent(text.length);
        highest = Math.max(highest, flow.outstanding());
        pending.push(text.length);
      },
      never,
    );
    // The window takes things in only once the program stands still.
    const taking = setInterval(() => {
      if (flow.outstanding() > PAUSE_ABOVE || existsSync(progress)) {
        for (const length of pending.splice(0)) flow.taken(length);
      }
    }, 20);
    const outcome = await running;
    clearInterval(taking);
    const expected = execFileSync('seq', ['1', '300000'], { maxBuffer: 1e8 }).toString();
    expect(outcome.exitCode).toBe(0);
    expect(received).toBe(expected.length + 300_000);
    expect(pauses).toBeGreaterThan(3);
    // What was in the terminal's buffer when the program was stopped still arrives.
    expect(highest).toBeLessThan(2.5 * PAUSE_ABOVE);
  });

  it('can cancel a program that is held back', async () => {
    const flow = createFlowControl();
    const controller = new AbortController();
    const running = createPtyRunner(pty, flow)(
      shell('yes'),
      (text) => {
        flow.sent(text.length);
        if (flow.outstanding() > PAUSE_ABOVE) setTimeout(() => controller.abort(), 50);
      },
      controller.signal,
    );
    expect(await running).toMatchObject({ cancelled: true });
  });
});
