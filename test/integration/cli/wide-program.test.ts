import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dependencyReportSchema } from '../../../shared/elf.ts';
import { ASKS_FOR_GONE, GONE, PARTS, wideProgram } from '../../fixtures/wide-program.ts';
import { bundledCli } from './harness.ts';

const cli = bundledCli();
const home = mkdtempSync(join(tmpdir(), 'devmend-wide-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('deps --json and --dot of a real program that asks for 300 libraries name every one', async () => {
  const program = join(wideProgram(), 'wide');
  const { code, stdout } = await cli.run(['deps', program, '--json'], { home });
  expect(code).toBe(1);
  const report = dependencyReportSchema.parse(JSON.parse(stdout));
  const parts = report.objects.filter((object) => object.soname.startsWith('libpart-'));
  expect(new Set(parts.map((object) => object.path)).size).toBe(PARTS - 1);
  expect(new Set(parts.map((object) => object.foundBy))).toEqual(new Set(['rpath']));
  expect(report.missing).toEqual([
    expect.objectContaining({
      soname: GONE,
      requiredBy: [join(wideProgram(), 'lib', ASKS_FOR_GONE)],
    }),
  ]);

  const dot = await cli.run(['deps', program, '--dot'], { home });
  expect(dot.code).toBe(1);
  const drawn = spawnSync('dot', ['-Tplain'], { input: dot.stdout, encoding: 'utf8' });
  expect({ status: drawn.status, complaint: drawn.stderr }).toEqual({ status: 0, complaint: '' });
  const lines = drawn.stdout.split('\n');
  // The program itself and what is missing are nodes too.
  const nodes = report.objects.length + 2;
  expect(lines.filter((line) => line.startsWith('node '))).toHaveLength(nodes);
  const askers = [...report.objects, ...report.missing].flatMap((one) => one.requiredBy);
  expect(lines.filter((line) => line.startsWith('edge '))).toHaveLength(askers.length);
});
