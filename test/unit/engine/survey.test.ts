import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { surveyTree } from '../../../electron/engine/survey.ts';
import { buildNewerLibrary, buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';

let home = '';
const never = new AbortController().signal;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'devmend-survey-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function survey(program: string) {
  const answer = await surveyTree(program, home, never);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
}

describe('what has to be copied with a program', () => {
  it('is the prefix above bin, with every program in it that this system refuses', async () => {
    const prefix = join(home, 'opt/tool');
    buildNewerProgram(join(prefix, 'bin/tool'), 'tool');
    buildNewerProgram(join(prefix, 'libexec/core/part'), 'part');
    copyFileSync('/bin/true', join(prefix, 'bin/fine'));
    const found = await survey(join(prefix, 'bin/tool'));
    expect(found).toMatchObject({ from: prefix, program: 'bin/tool', files: 3, electron: false });
    expect(found.executables.map(({ path }) => path)).toEqual(['bin/tool', 'libexec/core/part']);
    expect(found.executables[0]).toMatchObject({
      interpreter: '/lib64/ld-linux-x86-64.so.2',
      versions: { 'libc.so.6': ['GLIBC_2.38'] },
      libraries: [],
    });
  });

  it('is the file by itself in a folder that many programs share', async () => {
    const program = join(home, 'go/bin/gopls');
    buildNewerProgram(program, 'gopls');
    writeFileSync(join(home, 'go/bin/other'), '');
    expect(await survey(program)).toMatchObject({ from: program, program: '.', files: 1 });
  });

  it('is the folder of a program that finds its libraries beside itself', async () => {
    const program = join(home, 'app/program');
    const library = join(home, 'app/libnewer.so');
    buildNewerLibrary(library, 'libnewer.so');
    buildNewerProgram(program, 'program', {
      link: [library, '-Wl,--no-as-needed', '-Wl,-rpath,$ORIGIN'],
    });
    const found = await survey(program);
    expect(found).toMatchObject({ from: join(home, 'app'), program: 'program', files: 2 });
    expect(found.executables[0]?.rpath).toEqual(['$ORIGIN']);
  });

  it('is the whole folder of an Electron program', async () => {
    const directory = join(home, 'Downloads/VSCode-linux-x64');
    mkdirSync(join(directory, 'resources/app'), { recursive: true });
    writeFileSync(join(directory, 'icudtl.dat'), '');
    buildNewerProgram(join(directory, 'code'), 'code');
    expect(await survey(join(directory, 'code'))).toMatchObject({
      from: directory,
      program: 'code',
      electron: true,
    });
  });

  it('names a file with several names once: patching one name patches all', async () => {
    const prefix = join(home, 'opt/linked');
    buildNewerProgram(join(prefix, 'bin/tool'), 'tool');
    linkSync(join(prefix, 'bin/tool'), join(prefix, 'bin/another-name'));
    const found = await survey(join(prefix, 'bin/tool'));
    expect(found.executables.map(({ path }) => path)).toEqual(['bin/tool']);
  });

  it('marks setuid programs, which are never edited', async () => {
    const prefix = join(home, 'opt/setuid');
    buildNewerProgram(join(prefix, 'bin/tool'), 'tool');
    buildNewerProgram(join(prefix, 'bin/helper'), 'helper');
    chmodSync(join(prefix, 'bin/helper'), 0o4755);
    const found = await survey(join(prefix, 'bin/tool'));
    const marked = found.executables.filter(({ privileged }) => privileged);
    expect(marked.map(({ path }) => path)).toEqual(['bin/helper']);
  });

  it('can be cancelled', async () => {
    const answer = await surveyTree(join(home, 'opt/tool/bin/tool'), home, AbortSignal.abort());
    expect(answer).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });
});

it('the fixture is what it says: this system’s own loader refuses the program', () => {
  const program = join(home, 'opt/alone/bin/tool');
  buildNewerProgram(program, 'tool');
  expect(() => execFileSync(program, ['--version'], { stdio: 'pipe' })).toThrow(/GLIBC_2\.38/);
});
