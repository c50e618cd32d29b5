import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { elfReportSchema } from '../../../shared/elf.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { dependencyDot, elfReport } from '../../../electron/engine/elf/report.ts';
import { compile, library, MAIN, temporaryDirectory } from './tools.ts';

const directory = temporaryDirectory();

describe('devmend elf', () => {
  const tree = path.join(directory, 'tree');
  fs.mkdirSync(path.join(tree, 'sub'), { recursive: true });
  const outside = path.join(directory, 'outside');
  fs.mkdirSync(outside);
  compile(outside, 'hidden', MAIN);
  compile(tree, 'sub/b', MAIN);
  compile(tree, 'a', MAIN, ['-static']);
  fs.rmSync(path.join(tree, 'a.c'));
  fs.rmSync(path.join(tree, 'sub/b.c'));
  fs.writeFileSync(path.join(tree, 'readme.txt'), 'words');
  fs.writeFileSync(path.join(tree, 'damaged'), fs.readFileSync('/bin/ls').subarray(0, 200));
  fs.symlinkSync(outside, path.join(tree, 'link-out'));
  fs.symlinkSync(path.join(outside, 'hidden'), path.join(tree, 'link-file'));

  test('one entry a file in path order; links and other files of a directory left out', async () => {
    const report = elfReportSchema.parse(await elfReport([tree]));
    expect(report.files.map((one) => path.relative(tree, one.path))).toEqual([
      'a',
      'damaged',
      'sub/b',
    ]);
    expect(report.files[0]).toMatchObject({ linkage: 'static', machine: 'x86-64', error: null });
    expect(report.files[1]?.error).toMatchObject({ code: 'truncated' });
    expect(report.files[2]).toMatchObject({ class: 'ELF64', type: 'DYN', libc: 'glibc', go: null });
  });

  test('a file that is named has an entry even when it is not ELF', async () => {
    const text = path.join(tree, 'readme.txt');
    const report = elfReportSchema.parse(await elfReport([text, '/no/such', path.join(tree, 'a')]));
    expect(report.files.map((one) => one.error?.code ?? null)).toEqual([
      'unreadable',
      null,
      'not-elf',
    ]);
  });
});

test('a dependency graph shows arrows, missing libraries and escapes names', () => {
  library(directory, 'libgone.so', 'int gone(void) { return 0; }\n');
  const program = compile(
    directory,
    'needs "gone"',
    'int gone(void);\nint main(void) { return gone(); }\n',
    [`-L${directory}`, '-lgone'],
  );
  fs.rmSync(path.join(directory, 'libgone.so'));
  const dot = dependencyDot(new LoaderSession('/').simulate(program));
  expect(dot).toMatch(/^digraph dependencies \{\n/);
  expect(dot).toContain('needs \\"gone\\"');
  expect(dot).toContain('"missing libgone.so" [label="missing", color=red]');
  expect(dot).toContain('-> "/lib/x86_64-linux-gnu/libc.so.6" [label="cache"]');
  expect(dot.trimEnd().endsWith('}')).toBe(true);
});
