import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runWithPipes } from '../../../electron/engine/pipes-runner.ts';

const environment = { PATH: '/usr/bin:/bin' };
const never = new AbortController().signal;
const silent = (): void => undefined;

/** A zombie has ended; who reaps it is up to the machine's first process. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

function shell(script: string, timeoutMs = 10_000) {
  return { file: '/bin/sh', args: ['-c', script], environment, timeoutMs };
}

it('tells the exit code and everything that was printed, on both streams', async () => {
  const seen: string[] = [];
  const outcome = await runWithPipes(
    shell('echo out; echo err >&2; exit 3'),
    (text) => seen.push(text),
    never,
  );
  expect(outcome).toMatchObject({ exitCode: 3, timedOut: false, cancelled: false });
  expect(outcome.output).toContain('out\n');
  expect(outcome.output).toContain('err\n');
  expect(seen.join('')).toHaveLength(outcome.output.length);
});

it('hands the child only the environment it was given', async () => {
  process.env['DEVMEND_LEAK_PROBE'] = 'leaked';
  const outcome = await runWithPipes(shell('env'), silent, never);
  delete process.env['DEVMEND_LEAK_PROBE'];
  expect(outcome.output).not.toContain('DEVMEND_LEAK_PROBE');
});

it('ends a program that ignores SIGTERM, together with its children, at the time limit', async () => {
  const outcome = await runWithPipes(
    shell(`trap '' TERM; sleep 600 & echo "child $!"; wait; sleep 600`, 200),
    silent,
    never,
  );
  expect(outcome.timedOut).toBe(true);
  const child = Number(/child (\d+)/.exec(outcome.output)?.[1]);
  await expect.poll(() => isRunning(child)).toBe(false);
});

it('does not wait for a daemon that keeps the pipes open', async () => {
  const outcome = await runWithPipes(
    shell('setsid sleep 3 & echo "daemon $!"; exit 0', 60_000),
    silent,
    never,
  );
  expect(outcome).toMatchObject({ exitCode: 0, timedOut: false });
});

it('says so when it was cancelled', async () => {
  const cancel = new AbortController();
  const running = runWithPipes(shell('echo up; sleep 600'), () => cancel.abort(), cancel.signal);
  expect(await running).toMatchObject({ cancelled: true, timedOut: false });
});

it('rejects when there is no such program', async () => {
  const command = { file: '/nonexistent/program', args: [], environment, timeoutMs: 1000 };
  await expect(runWithPipes(command, silent, never)).rejects.toMatchObject({ code: 'ENOENT' });
});
