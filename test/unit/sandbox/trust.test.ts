import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SandboxBench, codeOf } from '../../fixtures/sandbox-bench.ts';
import { writeArchive, writeDirectorySource } from '../../fixtures/signed-archive.ts';

let bench: SandboxBench;
let source = '';

beforeAll(async () => {
  bench = await SandboxBench.open();
});
afterAll(() => bench.close());
beforeEach(() => {
  source = bench.directory('source');
});

describe.each([
  ['gpgv', {}],
  ['the openpgp library', { gpgv: null }],
] as const)('the chain of trust, with %s', (_name, options) => {
  const chooses = async (): Promise<string> => codeOf(await bench.choose(source, {}, options));

  it('holds for InRelease and for Release with Release.gpg', async () => {
    await writeArchive(source, [bench.trixie()], bench.key);
    expect(await chooses()).toBe('ok');
    rmSync(source, { recursive: true });
    await writeDirectorySource(source, bench.trixie({ signature: 'Release.gpg' }), bench.key);
    expect(await chooses()).toBe('ok');
  });

  it('breaks when the text was changed after signing', async () => {
    const tamper = (text: string): string => text.replace('13.8', '13.9');
    await writeArchive(source, [bench.trixie({ tamper })], bench.key);
    expect(await chooses()).toBe('source-signature-invalid');
    rmSync(source, { recursive: true });
    await writeDirectorySource(
      source,
      bench.trixie({ signature: 'Release.gpg', tamper }),
      bench.key,
    );
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks when somebody else signed', async () => {
    await writeArchive(source, [bench.trixie()], bench.stranger);
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks without a signature', async () => {
    await writeDirectorySource(source, bench.trixie({ signature: 'none' }), bench.key);
    expect(await chooses()).toBe('source-signature-invalid');
    rmSync(join(source, 'Release'));
    expect(await chooses()).toBe('source-no-release');
  });

  it.each([
    ['before', (text: string) => `Codename: trixie\n\n${text}`],
    ['behind', (text: string) => `${text}\nCodename: trixie\n`],
    ['twice', (text: string) => `${text}${text}`],
  ])('breaks when something stands around the signed text: %s', async (_where, tamper) => {
    await writeArchive(source, [bench.trixie({ tamper })], bench.key);
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks when the signed release is another than the one asked for', async () => {
    await writeArchive(
      source,
      [bench.trixie({ fields: { Codename: 'bookworm', Suite: 'x' } })],
      bench.key,
    );
    expect(await chooses()).toBe('source-signature-invalid');
  });

  it('breaks when the release has expired, by the clock of the machine', async () => {
    const hour = 3_600_000;
    const until = new Date(Date.now() - hour).toUTCString().replace('GMT', 'UTC');
    await writeArchive(source, [bench.trixie({ fields: { 'Valid-Until': until } })], bench.key);
    expect(await chooses()).toBe('source-expired');
    const machine = bench.machine({ clock: () => new Date(Date.now() - 2 * hour) });
    expect(codeOf(await bench.choose(source, {}, options, machine))).toBe('ok');
  });

  it('breaks when the release lists no sha256', async () => {
    const fields = { SHA256: undefined, MD5Sum: '\n 00 0 main/binary-amd64/Packages.gz' };
    await writeArchive(source, [bench.trixie({ fields })], bench.key);
    expect(await chooses()).toBe('source-digest-mismatch');
  });

  it('breaks when the index is not the signed one', async () => {
    const index = (text: string): string => text.replace('libc6_', 'evil_');
    await writeArchive(source, [bench.trixie({ index })], bench.key);
    expect(await chooses()).toBe('source-digest-mismatch');
  });
});
