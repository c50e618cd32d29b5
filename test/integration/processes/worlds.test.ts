import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { readElf } from '../../../electron/engine/elf/read.ts';
import { hostMachine } from '../../../electron/engine/host.ts';
import { inspectProcesses } from '../../../electron/engine/processes/inspect.ts';
import { processReportSchema } from '../../../shared/process.ts';
import { bench, compile, factsOf, inspected, ownContext, SLEEPER, smallRoot } from './bench.ts';

const here = bench();

describe('the world of a process', () => {
  it('is a chroot, with the C library of that root', async () => {
    const root = smallRoot(here, 'chroot');
    const pid = await here.start('chroot', [root, '/bin/sleeper']);
    const facts = await factsOf(pid);
    expect(facts.context).toEqual({ kind: 'chroot', root });
    expect(facts.executable?.path).toBe('/bin/sleeper');
    expect(facts.libc).toMatchObject({ kind: 'glibc', deleted: false });
    expect(facts.libc?.path?.startsWith('/tmp')).toBe(false);
    expect(facts.replaced).toEqual([]);
  });

  it.each([
    ['docker', '.dockerenv', ''],
    ['podman', 'run/.containerenv', 'engine="podman-5"\nid="0123456789abcdef"\n'],
    ['systemd-nspawn', 'run/systemd/container', 'systemd-nspawn\n'],
  ])('is a container of %s, by the mark in its root', async (runtime, mark, text) => {
    const root = smallRoot(here, runtime);
    mkdirSync(join(root, dirname(mark)), { recursive: true });
    writeFileSync(join(root, mark), text);
    const pid = await here.start('bwrap', [
      '--die-with-parent',
      '--bind',
      root,
      '/',
      '--unshare-pid',
      '--proc',
      '/proc',
      '/bin/sleeper',
    ]);
    const facts = await factsOf(pid);
    expect(facts.context).toMatchObject({ kind: 'container', runtime });
    expect(facts.status).toBe('read');
    expect(facts.libc).toMatchObject({ kind: 'glibc', deleted: false });
  });

  it('is a container without a name where only its root is another', async () => {
    const root = smallRoot(here, 'unnamed');
    const pid = await here.start('bwrap', [
      '--die-with-parent',
      '--bind',
      root,
      '/',
      '/bin/sleeper',
    ]);
    expect((await factsOf(pid)).context).toEqual({ kind: 'container', runtime: null, id: null });
  });

  it('is a flatpak with its application', async () => {
    const root = smallRoot(here, 'flatpak');
    writeFileSync(
      join(root, '.flatpak-info'),
      '[Application]\nname=com.visualstudio.code\n\n[Instance]\nname=no\n',
    );
    const pid = await here.start('bwrap', [
      '--die-with-parent',
      '--bind',
      root,
      '/',
      '/bin/sleeper',
    ]);
    expect((await factsOf(pid)).context).toEqual({ kind: 'flatpak', app: 'com.visualstudio.code' });
  });

  it('is the same world in a mount namespace that has the same root', async () => {
    compile(SLEEPER, here.path('unshared'));
    const pid = await here.start('unshare', ['-m', here.path('unshared')]);
    expect((await factsOf(pid)).context).toEqual(await ownContext());
  });

  it('does not lead back into our files by an absolute link inside it', async () => {
    const root = smallRoot(here, 'links');
    const pid = await here.start('bwrap', [
      '--die-with-parent',
      '--bind',
      root,
      '/',
      '/bin/sleeper',
    ]);
    const path = (await factsOf(pid)).libc?.path ?? '';
    execFileSync('mv', [join(root, path), join(root, 'moved')]);
    symlinkSync(path, join(root, path));
    const facts = await factsOf(pid);
    expect(facts.libc?.path).toBe('/moved');
    expect(facts.replaced).toEqual([]);
  });
});

describe('editors and what they start', () => {
  it('are known by product.json beside the program, their parts by what they load', async () => {
    const server = here.path('server');
    mkdirSync(join(server, 'out'), { recursive: true });
    copyFileSync(process.execPath, join(server, 'node'));
    execFileSync('chmod', ['755', join(server, 'node')]);
    const product = {
      nameShort: 'Code',
      nameLong: 'Code Server',
      applicationName: 'code',
      version: '1.100.0',
    };
    writeFileSync(join(server, 'product.json'), JSON.stringify(product));
    compile(SLEEPER, here.path('gopls'));
    const part = 'setInterval(()=>{},1e6);';
    writeFileSync(join(server, 'out/bootstrap-fork.js'), part);
    writeFileSync(
      join(server, 'out/server-main.js'),
      `const {spawn}=require('child_process'); const stdio=['ignore','pipe','inherit'];
       const node=(type)=>spawn(process.execPath,[__dirname+'/bootstrap-fork.js','--type='+type],{stdio});
       const parts=[node('extensionHost'),node('ptyHost'),node('fileWatcher')];
       const tool=spawn(${JSON.stringify(here.path('gopls'))},[],{stdio});
       tool.stdout.once('data',()=>console.log(process.pid)); ${part}`,
    );
    const pid = await here.start(join(server, 'node'), [join(server, 'out/server-main.js')]);
    const { processes } = await inspected({ all: false });
    const own = processes.filter((one) => one.editor === pid);
    expect(own[0]).toMatchObject({ pid, role: 'server' });
    expect(own.map(({ role }) => role).sort()).toEqual(
      ['extension-host', 'file-watcher', 'gopls', 'server', 'terminal-host'].sort(),
    );
    expect(processes.indexOf(own[0]!)).toBeLessThan(
      processes.findIndex((one) => one.editor === null),
    );
  });
});

describe('without procfs', () => {
  it('nothing is said to be running or not', async () => {
    mkdirSync(here.path('empty'));
    const job = { emit: () => {}, signal: new AbortController().signal };
    const answer = await inspectProcesses(hostMachine(), job, { proc: here.path('empty') });
    expect(answer).toMatchObject({
      error: { code: 'no-procfs', params: { path: here.path('empty') } },
    });
  });
});

describe('without root', () => {
  it('another user’s process is not permitted, and the own one is read all the same', async () => {
    compile(SLEEPER, here.path('of-root'));
    const theirs = await here.start(here.path('of-root'));
    const own = await here.start('setpriv', [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      here.path('of-root'),
    ]);
    const module = here.path('inspect.cjs');
    await build({
      stdin: {
        contents: `import { inspectProcesses } from './electron/engine/processes/inspect.ts';
          import { hostMachine } from './electron/engine/host.ts';
          const job = { emit() {}, signal: new AbortController().signal };
          void inspectProcesses(hostMachine(), job, { all: true }).then((answer) => {
            process.stdout.write(JSON.stringify(answer.value)); });`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      outfile: module,
      logLevel: 'silent',
    });
    const child = spawn(
      'setpriv',
      ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, module],
      {
        cwd: '/',
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    const report = processReportSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
    const hidden = report.processes.find((one) => one.pid === theirs);
    expect(hidden).toMatchObject({
      status: 'not-permitted',
      context: null,
      libc: null,
      environment: {},
    });
    const system = readElf(report.processes.find((one) => one.pid === own)?.libc?.path ?? '');
    expect(report.processes.find((one) => one.pid === own)).toMatchObject({
      status: 'read',
      libc: { kind: 'glibc', buildId: system.ok ? system.value.notes.buildId : '' },
    });
    expect(report.notPermitted).toBeGreaterThan(0);
    expect(report.asRoot).toMatch(/^sudo .*devmend processes --all$/);
  });

  it('as root nothing is to be run as root', async () => {
    expect((await inspected()).asRoot).toBeNull();
  });
});

describe('processes that end', () => {
  it('are told from those that run, and threads of the kernel are left out', async () => {
    const path = here.path('zombie');
    compile(
      '#include <stdio.h>\n#include <unistd.h>\nint main(void){int c=fork(); if(c==0)_exit(0); sleep(1); printf("%d\\n",getpid()); fflush(stdout); for(;;)pause();}',
      path,
    );
    const parent = await here.start(path);
    const { processes } = await inspected();
    const ended = processes.find((one) => one.parent === parent);
    expect(ended).toMatchObject({ status: 'gone', libc: null });
    expect(processes.some((one) => one.parent === 2 && one.name.startsWith('kworker'))).toBe(false);
    const relevant = await inspected({ all: false });
    expect(relevant.processes.some((one) => one.parent === parent)).toBe(false);
  });
});
