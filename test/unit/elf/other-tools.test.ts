import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { expect, test } from 'vitest';
import { DT } from '../../../electron/engine/elf/constants.ts';
import {
  chain,
  elfOf,
  found,
  RPATH,
  RUNPATH,
  simulate,
  start,
  temporaryDirectory,
} from './tools.ts';

const directory = temporaryDirectory();
const BOTH_PLACES = '-Wl,-rpath,$ORIGIN:$ORIGIN/deep';
const DT_DEBUG = 21n;

/** Whether each of the four finds libinner.so. */
interface Verdicts {
  readonly loader: boolean;
  readonly devmend: boolean;
  readonly libtree: boolean;
  readonly lddtree: boolean;
}

/** libtree (C) and lddtree (Python) as Debian ships them; both read, neither runs the program. */
function lineAbout(soname: string, tool: string, ...args: string[]): string {
  const { stdout } = spawnSync(tool, args, { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  const line = stdout.split('\n').find((one) => one.includes(soname));
  if (line === undefined) throw new Error(`${tool} does not mention ${soname}: ${stdout}`);
  return line;
}

/** Asks all four; the loader may only fail for this one reason. */
function whoFindsInner(program: string): Verdicts {
  const real = start(program);
  expect(real.status === 0 || real.stderr.includes('libinner.so: cannot open')).toBe(true);
  const ours = simulate(program);
  expect(ours.missing.length === 0).toBe(ours.verdict === 'starts');
  return {
    loader: real.status === 0,
    devmend: found(ours, 'libinner.so') !== null,
    libtree: !lineAbout('libinner.so', 'libtree', '-v', program).includes('not found'),
    lddtree: !lineAbout('libinner.so', 'lddtree', program).includes('=> None'),
  };
}

/** Gives the program a DT_RUNPATH beside its DT_RPATH, with the same text; no linker writes both. */
function addRunpath(program: string): void {
  const bytes = fs.readFileSync(program);
  const start = elfOf(program).dynamic?.offset ?? 0;
  const places = new Map<bigint, number>();
  for (let at = start; bytes.readBigUInt64LE(at) !== 0n; at += 16) {
    places.set(bytes.readBigUInt64LE(at), at);
  }
  const rpath = places.get(BigInt(DT.RPATH)) ?? 0;
  const unused = places.get(DT_DEBUG) ?? 0;
  bytes.writeBigUInt64LE(BigInt(DT.RUNPATH), unused);
  bytes.writeBigUInt64LE(bytes.readBigUInt64LE(rpath + 8), unused + 8);
  fs.writeFileSync(program, bytes);
}

/*
 * Fact 4. When one of the tools learns a rule, its assertion fails here, and the
 * readme of electron/engine/elf has a sentence to lose.
 */
test('a RUNPATH hides the same file’s RPATH: ld.so and Devmend refuse what libtree and lddtree pass', () => {
  const program = chain(directory, 'hides', [RPATH, BOTH_PLACES], []);
  addRunpath(program);
  expect(elfOf(program)).toMatchObject({ rpath: elfOf(program).runpath, hasRunpath: true });
  const verdicts = { loader: false, devmend: false, libtree: true, lddtree: true };
  expect(whoFindsInner(program)).toEqual(verdicts);
  expect(simulate(program).missing).toMatchObject([
    { soname: 'libinner.so', requiredBy: [expect.stringMatching(/libouter\.so$/)] },
  ]);
});

test('a RUNPATH of the library stops the walk up to the program’s RPATH, which lddtree does not know', () => {
  const program = chain(directory, 'stops', [RPATH, BOTH_PLACES], [RUNPATH, '-Wl,-rpath,/nowhere']);
  const verdicts = { loader: false, devmend: false, libtree: false, lddtree: true };
  expect(whoFindsInner(program)).toEqual(verdicts);
});

test('a RUNPATH is not inherited, which lddtree does not know', () => {
  const program = chain(directory, 'inherits', [RUNPATH, BOTH_PLACES], []);
  const verdicts = { loader: false, devmend: false, libtree: false, lddtree: true };
  expect(whoFindsInner(program)).toEqual(verdicts);
});

test('an RPATH alone reaches the library of a library, for all four', () => {
  const program = chain(directory, 'reaches', [RPATH, BOTH_PLACES], []);
  const verdicts = { loader: true, devmend: true, libtree: true, lddtree: true };
  expect(whoFindsInner(program)).toEqual(verdicts);
});

test('a library that is nowhere is missing for all four', () => {
  const program = chain(directory, 'lost', [RPATH, '-Wl,-rpath,$ORIGIN'], []);
  const verdicts = { loader: false, devmend: false, libtree: false, lddtree: false };
  expect(whoFindsInner(program)).toEqual(verdicts);
});
