import { execFileSync } from 'node:child_process';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory, developmentRuntime } from '../../../build/scripts/electron-runtime.mjs';
import { layDesk, type Desk } from '../../fixtures/desk.ts';
import { testCacheDirectory } from '../../fixtures/test-cache.ts';
import { bundledCli } from './harness.ts';

/** Electron 25 as Node is Node 18.15.0, the oldest that the program promises to run on. */
const cli = bundledCli();
let node = '';
const desks: Desk[] = [];

beforeAll(async () => {
  node = (await developmentRuntime(cacheDirectory())).executable;
}, 120_000);
afterEach(() => desks.splice(0).forEach((desk) => desk.remove()));

describe('on Node 18.15, with nothing beside the program', () => {
  it('finds, repairs, proves and takes back', () => {
    const desk = layDesk();
    desks.push(desk);
    const devmend = (...args: string[]) => {
      const env = {
        PATH: '/usr/bin:/bin',
        HOME: desk.home,
        XDG_CACHE_HOME: testCacheDirectory(),
        ELECTRON_RUN_AS_NODE: '1',
      };
      try {
        return String(execFileSync(node, [cli.path(), ...args], { env, stdio: 'pipe' }));
      } catch (error) {
        // 1: something was found.
        const { status, stdout, stderr } = error as {
          status: number;
          stdout: Buffer;
          stderr: Buffer;
        };
        if (status !== 1) throw new Error(`${status}: ${String(stderr)}`, { cause: error });
        return String(stdout);
      }
    };
    const version = ['-p', 'process.version'];
    const env = { ELECTRON_RUN_AS_NODE: '1' };
    expect(String(execFileSync(node, version, { env })).trim()).toBe('v18.15.0');

    const { findings } = JSON.parse(devmend('scan', '--json')) as { findings: { id: string }[] };
    const applied = JSON.parse(devmend('apply', findings[0]?.id ?? '', '--yes', '--json')) as {
      id: string;
      status: string;
    };
    expect(applied.status).toBe('verified');
    expect(devmend('scan')).toContain('All clear');
    devmend('undo', applied.id, '--yes');
    expect(devmend('scan')).toContain('GLIBC_2.38');
  });
});
