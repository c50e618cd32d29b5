import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleWorker } from '../../fuzz/bundle-worker.ts';
import { runCampaign, type CampaignOptions } from '../../fuzz/campaign.ts';
import type { Outcome } from '../../fuzz/finding.ts';
import { readFind } from '../../fuzz/finds.ts';
import { prepareSeeds } from '../../fuzz/seeds.ts';
import { targets } from '../../fuzz/targets/registry.ts';

const repository = process.cwd();
let directory = '';
let worker = '';
let seeds: Awaited<ReturnType<typeof prepareSeeds>>;

beforeAll(async () => {
  fs.mkdirSync(path.join(repository, 'artifacts'), { recursive: true });
  // Below the repository, where the packages that are not bundled can be found.
  directory = fs.mkdtempSync(path.join(repository, 'artifacts/fuzz-test-'));
  worker = await bundleWorker(repository, directory);
  seeds = await prepareSeeds();
}, 300_000);

afterAll(() => {
  fs.rmSync(directory, { recursive: true, force: true });
  seeds.remove();
});

function run(target: string, options: Partial<CampaignOptions> = {}): Promise<Outcome> {
  return runCampaign(worker, {
    target,
    seedDirectory: seeds.directory,
    seed: 20261123,
    runs: 300,
    coverage: false,
    slowMs: null,
    endlessSeconds: 60,
    finds: null,
    ...options,
  });
}

describe('mutated files', () => {
  test('begin with at least 20 real files', () => {
    expect(fs.readdirSync(path.join(seeds.directory, 'elf')).length).toBeGreaterThanOrEqual(20);
  });

  test('make no ELF reader throw, hang or keep memory (1,500 mutants of the real files)', async () => {
    const outcome = await run('elf', { runs: 1500 });
    expect(outcome).toMatchObject({ findings: [], inputs: 1500 });
  }, 300_000);

  test.each(targets.filter(({ name }) => name !== 'elf').map(({ name }) => name))(
    'do no harm to the reader %s (fixed seed)',
    async (name) => {
      const outcome = await run(name, { runs: 120 });
      expect(outcome).toMatchObject({ findings: [], inputs: 120 });
    },
    300_000,
  );
});

describe('the harness finds a reader', () => {
  test.each([
    ['that throws', 'broken-throw', 'throw', /this reader gave up/],
    ['that never ends', 'broken-endless', 'endless', /still running/],
    ['whose promise is never kept', 'broken-waits', 'endless', /still running/],
    ['that ends the process', 'broken-crash', 'crash', /SIGABRT/],
    ['that takes too long', 'broken-slow', 'slow', /ms of processor time/],
    ['that keeps memory', 'broken-leak', 'leak', /bytes stay/],
  ])(
    '%s',
    async (_, target, kind, detail) => {
      const endlessSeconds = kind === 'endless' ? 1 : 60;
      const runs = target === 'broken-leak' ? 1500 : 200;
      const outcome = await run(target, { runs, slowMs: 100, endlessSeconds });
      expect(outcome.findings[0]).toMatchObject({ kind, detail: expect.stringMatching(detail) });
    },
    120_000,
  );

  test('and writes the input down, as few edits as still fail, so that it can be run again', async () => {
    const finds = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-finds-'));
    try {
      const outcome = await run('broken-throw', { runs: 600, finds });
      const [finding] = outcome.findings;
      expect(finding?.edits).toHaveLength(1);
      const { target, seedName, bytes } = readFind(finding?.file ?? '');
      const again = await run(target, { runs: 1, replay: { seedName, bytes } });
      expect(again.findings[0]?.kind).toBe('throw');
    } finally {
      fs.rmSync(finds, { recursive: true });
    }
  }, 120_000);

  test('and makes the same inputs from the same seed', async () => {
    const first = await run('broken-throw', { runs: 600, seed: 5 });
    const second = await run('broken-throw', { runs: 600, seed: 5 });
    expect(second.findings).toEqual(first.findings);
  }, 120_000);

  test('and new code through coverage: inputs that reach it are kept', async () => {
    const outcome = await run('lines', { runs: 320, coverage: true });
    expect(outcome.blocks).toBeGreaterThan(10);
    expect(outcome.corpus).toBeGreaterThan(2);
  }, 120_000);
});
