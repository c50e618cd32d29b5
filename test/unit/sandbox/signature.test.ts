import { describe, expect, it } from 'vitest';
import { packageNames, similarNames } from '../../../electron/engine/sandbox/extra-libraries.ts';
import type { IndexedPackage } from '../../../electron/engine/sandbox/package-index.ts';
import { sandboxPath } from '../../../electron/engine/sandbox/layout.ts';
import { readGpgvStatus } from '../../../electron/engine/sandbox/signature.ts';

const good = '[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG AB12 Somebody <s@example.org>\n';
const valid = (hash: string): string =>
  `[GNUPG:] VALIDSIG SUBKEY 2026-01-01 1 0 4 0 1 ${hash} 01 PRIMARY\n`;

describe("gpgv's status lines", () => {
  it('name the primary key of each valid signature', () => {
    expect(readGpgvStatus(`gpgv: text\n${good}${valid('8')}`)).toEqual({
      signers: [{ fingerprint: 'PRIMARY', name: 'Somebody <s@example.org>' }],
      reason: null,
    });
  });

  it('count for nothing with SHA-1, an expired or a revoked key, or without VALIDSIG', () => {
    const bad = [
      `${good}${valid('2')}`,
      `[GNUPG:] NEWSIG\n[GNUPG:] EXPKEYSIG AB12 Somebody\n${valid('8')}`,
      `[GNUPG:] NEWSIG\n[GNUPG:] REVKEYSIG AB12 Somebody\n${valid('8')}`,
      good,
      '',
    ];
    for (const output of bad) expect(readGpgvStatus(output).signers).toEqual([]);
    expect(readGpgvStatus(bad[1] ?? '').reason).toMatch(/EXPKEYSIG/);
  });

  it('a good signature does not vouch for the next one', () => {
    const second = `[GNUPG:] NEWSIG\n[GNUPG:] EXPSIG X Other\n${valid('8')}`;
    expect(readGpgvStatus(`${good}${valid('8')}${second}`).signers).toHaveLength(1);
  });

  it('one bad signature spoils all', () => {
    const output = `${good}${valid('8')}[GNUPG:] NEWSIG\n[GNUPG:] BADSIG X Other\n`;
    expect(readGpgvStatus(output).signers).toEqual([]);
  });

  it('a signature by an unknown key is passed over', () => {
    const output = `[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG X 1 8 01 1 9\n[GNUPG:] NO_PUBKEY X\n${good}${valid('10')}`;
    expect(readGpgvStatus(output).signers).toHaveLength(1);
  });
});

describe('the package of a library', () => {
  it.each([
    ['libssl.so.3', 'libssl3'],
    ['libpcre2-8.so.0', 'libpcre2-8-0'],
    ['libstdc++.so.6', 'libstdc++6'],
    ['libgcc_s.so.1', 'libgcc-s1'],
    ['libX11.so.6', 'libx11-6'],
    ['libbfd-2.44.so', 'libbfd-2.44'],
  ])('%s may be in %s', (soname, name) => {
    expect(packageNames(soname)).toContain(name);
    expect(packageNames(soname)).toContain(`${name}t64`);
  });

  it('is guessed by likeness where the number is another', () => {
    const names = ['libcurl3t64-gnutls', 'libcurl4t64', 'libicu76', 'libicu72', 'libz3-4'];
    const index = new Map(names.map((name) => [name, { name } as IndexedPackage]));
    expect(similarNames('libcurl-gnutls.so.4', index)).toContain('libcurl3t64-gnutls');
    expect(similarNames('libicuuc.so.76', index)).toEqual(['libicu76']);
  });
});

describe('the layout of a sandbox', () => {
  it.each([
    ['usr/lib/x86_64-linux-gnu/libc.so.6', 'lib/libc.so.6'],
    ['lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', 'lib/ld-linux-x86-64.so.2'],
    ['lib/libfoo.so', 'lib/libfoo.so'],
    ['usr/lib/aarch64-linux-gnu/gconv/gconv-modules.d/x.conf', 'lib/gconv/gconv-modules.d/x.conf'],
    ['lib64/ld-linux-x86-64.so.2', null],
    ['usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libm.so.6', null],
    ['usr/share/doc/libc6/copyright', null],
    ['etc/ld.so.conf.d/x.conf', null],
    ['usr/lib/x86_64-linux-gnu/audit/sotruss-lib.so', null],
  ])('%s lies at %s', (path, place) => {
    expect(sandboxPath(path, 'file')).toBe(place);
  });
});
