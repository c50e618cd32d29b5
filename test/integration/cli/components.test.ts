import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeServer } from '../../fixtures/editor-tree.ts';
import { fetchLibc6 } from '../../fixtures/libc6-deb.ts';
import { buildNewerLibrary } from '../../fixtures/needs-newer-glibc.ts';
import { bundledCli } from './harness.ts';

const cli = bundledCli();
const home = mkdtempSync(join(tmpdir(), 'devmend-cli-components-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const server = join(home, '.vscode-server/bin/0123456789abcdef0123456789abcdef01234567');
const deviceId = join(server, 'node_modules/@vscode/deviceid/build/Release/device.node');
const pty = join(server, 'node_modules/node-pty/build/Release/pty.node');
beforeAll(() => {
  makeServer(server);
  buildNewerLibrary(pty, 'pty.node');
  buildNewerLibrary(deviceId, 'device.node');
});

interface Report {
  readonly schema: string;
  readonly groups: readonly {
    readonly name: string;
    readonly components: readonly Record<string, unknown>[];
  }[];
}

describe('devmend components', () => {
  it('lists the worst first, says what breaks, and ends with status 1', async () => {
    const { code, stdout } = await cli.run(['components', '--json'], { home });
    expect(code).toBe(1);
    const report = JSON.parse(stdout) as Report;
    expect(report.schema).toBe('devmend.components/1');
    const group = report.groups.find(({ name }) => name === 'Visual Studio Code Server');
    expect(group?.components[0]).toMatchObject({
      role: 'terminal',
      path: pty,
      state: 'fails',
      breaks: 'The integrated terminal of Visual Studio Code Server will not start',
      reason: expect.stringContaining('needs GLIBC_2.38') as string,
      needs: { glibc: '2.38' },
      finding: expect.stringMatching(/^component-cannot-load:/) as string,
    });
    expect(group?.components[1]).toMatchObject({ path: deviceId, state: 'fails' });
  });

  it('says the same to people, from a snapshot of another machine too', async () => {
    const snapshot = join(home, 'snapshot.json');
    const saved = await cli.run(['scan', '--save-snapshot', snapshot], { home });
    expect(saved.code).toBe(1);
    expect(saved.stdout).toContain('pty.node cannot be loaded into Visual Studio Code Server');
    const { code, stdout } = await cli.run(['components', '--snapshot', snapshot], { home });
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /x fails pty\.node terminal GLIBC_2\.38 .*needs GLIBC_2\.38.*terminal of Visual Studio Code Server will not start.*GLIBC_2\.38 for strlcpy/,
    );
    expect(stdout.indexOf('x fails')).toBeLessThan(stdout.indexOf('+ works'));
  });

  it('names what is not installed, with what a person does without', async () => {
    const tools = join(home, 'tools');
    mkdirSync(tools);
    symlinkSync('/usr/bin/go', join(tools, 'go'));
    const { stdout } = await cli.run(['components'], { home, environment: { PATH: tools } });
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /- not used go -race race detector gcc was not found .*race/u,
    );
  });

  it('names the release of a glibc that defines no version of its own', async () => {
    const root = join(home, 'bullseye');
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync('/bin/sh', join(root, 'bin/sh'));
    execFileSync('dpkg-deb', ['--extract', await fetchLibc6('bullseye'), root]);
    const { stdout } = await cli.run(['components', '--root', root], { home });
    expect(stdout).toContain('This system has GLIBC_2.30 (glibc 2.31).');
    const scan = await cli.run(['scan', '--root', root], { home });
    expect(scan.stdout).toContain('glibc 2.31');
  });

  it('an empty home in another root has nothing, and that is status 0', async () => {
    const { code, stdout } = await cli.run(['components', '--root', join(home, '.vscode-server')], {
      home,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('No editor and no Go was found.');
  });
});
