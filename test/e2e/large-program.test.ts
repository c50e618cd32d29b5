import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveRuntime } from '../../build/scripts/electron-runtime.mjs';
import { buildNewerLibrary } from '../fixtures/needs-newer-glibc.ts';
import { openStage, repository, type Stage } from './harness.ts';

/**
 * An Electron of 160 MB in the shape of a VS Code tarball, one of whose libraries
 * asks for GLIBC_2.38, so that this system refuses the whole program.
 */
const mainScript = `
const { app, BrowserWindow } = require('electron');
const { execFileSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 500, height: 300, show: false, title: 'Large program' });
  window.loadURL('data:text/html,<title>Large program</title><h1>It starts</h1>');
  window.once('ready-to-show', () => {
    window.show();
    const shell = String(execFileSync('/bin/sh', ['-c', 'cat /proc/self/maps; env']));
    const seen = { visible: window.isVisible(), maps: readFileSync('/proc/self/maps', 'utf8'), shell };
    writeFileSync(process.env.HOME + '/seen.json', JSON.stringify(seen));
    app.quit();
  });
});
`;

let stage: Stage;
let tree = '';
let code = '';
let cli = '';

beforeAll(async () => {
  stage = await openStage();
  tree = join(stage.home, 'VSCode-linux-x64');
  code = join(tree, 'code');
  cli = join(stage.home, 'devmend.js');
  const runtime = await resolveRuntime({ warn: () => undefined });
  execFileSync('cp', ['-a', '--reflink=auto', '-T', runtime.directory, tree]);
  renameSync(join(tree, 'electron'), code);
  mkdirSync(join(tree, 'resources/app'), { recursive: true });
  writeFileSync(join(tree, 'resources/app/main.js'), mainScript);
  writeFileSync(join(tree, 'resources/app/package.json'), '{"name":"large","main":"main.js"}');
  writeFileSync(join(tree, 'resources/app/product.json'), JSON.stringify(product));
  buildNewerLibrary(join(tree, 'libnewer.so'), 'libnewer.so');
  execFileSync('patchelf', ['--add-needed', 'libnewer.so', join(tree, 'libffmpeg.so')]);
  copyFileSync(join(repository, 'dist/cli.js'), cli);
  if (process.getuid?.() === 0) {
    execFileSync('chown', ['-R', `${stage.user.uid}:${stage.user.gid}`, tree, cli]);
  }
});
afterAll(() => stage?.close());

const product = {
  nameShort: 'Code',
  nameLong: 'Visual Studio Code',
  applicationName: 'code',
  dataFolderName: '.vscode',
  version: '1.139.1',
  commit: 'a'.repeat(40),
  quality: 'stable',
};

async function devmend(...args: string[]) {
  const answer = await stage.asUser(process.execPath, [cli, ...args]);
  if (!answer.stdout.startsWith('{')) throw new Error(answer.stderr + answer.stdout);
  return JSON.parse(answer.stdout) as Record<string, unknown>;
}

describe('a program of 160 MB', () => {
  it('is found by its product.json, explained, repaired as a copy, and opens its window', async () => {
    const refused = await stage.asUser(code, ['--version'], { ELECTRON_RUN_AS_NODE: '1' });
    expect(refused.stderr).toContain('GLIBC_2.38');

    const scan = await devmend('scan', '--json');
    const findings = scan['findings'] as { id: string; affected: string[]; evidence: unknown[] }[];
    const finding = findings.find(({ affected }) => affected[0] === code);
    expect(JSON.stringify(finding?.evidence)).toContain('libnewer.so');
    expect(JSON.stringify(finding?.evidence)).toContain('strlcpy');

    const applied = await devmend('apply', finding?.id ?? '', '--yes', '--json');
    expect(JSON.stringify(applied)).toContain('"verified"');
    const history = await devmend('history', '--json');
    const [transaction] = history['transactions'] as {
      changes: { kind: string; target: string }[];
    }[];
    const copy = transaction?.changes.find(({ kind }) => kind === 'copy-tree')?.target ?? '';
    expect(copy).toContain('.local/share/devmend/programs/code-');

    const started = await stage.asUser(join(copy, 'code'), ['--disable-gpu']);
    const report = join(stage.home, 'seen.json');
    expect(existsSync(report), started.stderr).toBe(true);
    const seen = JSON.parse(readFileSync(report, 'utf8')) as {
      visible: boolean;
      maps: string;
      shell: string;
    };
    expect(seen.visible).toBe(true);
    expect(seen.maps).toMatch(/\.local\/share\/devmend\/sandbox\/[^ ]+\/libc\.so\.6/);
    expect(seen.maps).not.toMatch(/ \/(usr\/)?lib\/[^ ]*\/libc\.so\.6/);
    expect(seen.shell).toMatch(/ \/usr\/lib\/[^ ]*\/libc\.so\.6/);
    expect(seen.shell).not.toContain('devmend/sandbox');
    expect(seen.shell).not.toMatch(/^LD_/m);
  });
});
