import { expect, it } from 'vitest';
import { treePatchDiff } from '../../../electron/engine/changes/elf-checks.ts';
import type { ElfPatch } from '../../../shared/plan.ts';

function patch(path: string, before: string[] = []): ElfPatch {
  return {
    path,
    interpreter: { before: '/lib64/ld-linux-x86-64.so.2', after: '/sandbox/lib/ld.so' },
    rpath: { before, after: ['/sandbox/lib', ...before] },
  };
}
const shown = (patches: ElfPatch[]) =>
  treePatchDiff(patches).map(({ sign, text }) => `${sign} ${text}`);

it('one file speaks for itself, without its name', () => {
  expect(shown([patch('bin/git')])).toEqual([
    '- interpreter  /lib64/ld-linux-x86-64.so.2',
    '+ interpreter  /sandbox/lib/ld.so',
    '+ rpath        /sandbox/lib',
  ]);
});

it('files that change alike are all named, and their change is shown once', () => {
  expect(shown([patch('bin/git'), patch('bin/own', ['$ORIGIN']), patch('bin/scalar')])).toEqual([
    '  bin/git',
    '  bin/scalar',
    '- interpreter  /lib64/ld-linux-x86-64.so.2',
    '+ interpreter  /sandbox/lib/ld.so',
    '+ rpath        /sandbox/lib',
    '  bin/own',
    '- interpreter  /lib64/ld-linux-x86-64.so.2',
    '- rpath        $ORIGIN',
    '+ interpreter  /sandbox/lib/ld.so',
    '+ rpath        /sandbox/lib:$ORIGIN',
  ]);
});
