import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apply, cutBehind, editJson, workbench, type Workbench } from '../journal/workbench.ts';
import { bundledCli, type Ended } from './harness.ts';

const cli = bundledCli();
let bench: Workbench;
let settings = '';
let id = '';
/** A repair of another file, in effect. */
let earlier = '';
const run = (...args: string[]): Promise<Ended> => cli.run(args, { home: bench.machine.home });

/** A repair that was killed when its file had been changed, after another one that was not. */
beforeEach(async () => {
  bench = workbench();
  const other = bench.at('other.json');
  writeFileSync(other, '{ "a": 0 }\n');
  earlier = (await apply(bench, [editJson(other, 'a', 0, 1)])).id;
  settings = bench.at('settings.json');
  writeFileSync(settings, '{ "a": 0 }\n');
  ({ id } = await apply(bench, [editJson(settings, 'a', 0, 1)]));
  cutBehind(bench, id, 1);
});
afterEach(() => bench.dispose());

describe('devmend recover', () => {
  it('A3.3 puts back what was begun, and has then done what was asked', async () => {
    const { code, stdout, stderr } = await run('recover');
    expect([code, stdout.includes('+ Rolled back'), stderr]).toEqual([
      0,
      true,
      expect.stringContaining(settings),
    ]);
    expect(readFileSync(settings, 'utf8')).toBe('{ "a": 0 }\n');
  });

  it('A3.4 says why one could not be brought to an end, and what to do', async () => {
    execFileSync('chattr', ['+i', settings]);
    try {
      const { code, stdout, stderr } = await run('recover');
      expect([code, stdout.includes('x Interrupted')]).toEqual([3, true]);
      expect(stderr).toContain(`${settings} is protected against changes`);
    } finally {
      execFileSync('chattr', ['-i', settings]);
    }
    expect((await run('recover')).code).toBe(0);
  });

  it('A3.4 is no success where something could not be put back', async () => {
    const image = join(bench.machine.directories.state, 'journal', id, 'images/0');
    chmodSync(image, 0o600);
    appendFileSync(image, 'damage');
    const { code, stdout } = await run('recover');
    expect([code, stdout.includes('x Rolled back')]).toEqual([3, true]);
    expect(stdout).toContain('could not be put back');
  });
});

describe('devmend show of a repair in effect while another one is interrupted', () => {
  it('A3.7 says that it has to wait, not that nothing is left of it', async () => {
    const { stdout } = await run('show', earlier);
    expect(stdout).toContain(`${earlier} is in effect, but cannot be taken back now`);
    expect((await run('undo', earlier, '--yes')).stderr).toContain('devmend recover');
  });

  it('A3.7 offers undo where what cannot be ended yet has nothing to do with it', async () => {
    execFileSync('chattr', ['+i', settings]);
    try {
      expect((await run('recover')).code).toBe(3);
      expect((await run('show', earlier)).stdout).toContain(`devmend undo ${earlier}`);
      expect((await run('undo', earlier, '--yes')).code).toBe(0);
      expect((await run('show', earlier)).stdout).toContain(`devmend redo ${earlier}`);
    } finally {
      execFileSync('chattr', ['-i', settings]);
    }
  });
});
