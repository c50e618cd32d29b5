import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactSnapshot } from '../../../electron/engine/probes/redact.ts';
import { loadSnapshot, saveSnapshot } from '../../../electron/engine/probes/snapshot-text.ts';
import { snapshotSchema, type Snapshot } from '../../../shared/snapshot.ts';

function snapshot(home: string, name: string, values: readonly string[]): Snapshot {
  const nothing = { status: 'failed' as const, problems: [], ms: 0, data: null };
  return {
    schema: 'devmend.snapshot/1',
    takenAt: '2026-11-23T12:00:00.000Z',
    devmend: '0.1.0',
    root: '/',
    home,
    user: { uid: 1000, gid: 1000, name },
    probes: {
      distribution: nothing,
      kernel: nothing,
      libc: nothing,
      editors: {
        ...nothing,
        status: 'ok',
        data: {
          editors: [
            {
              id: '0123456789',
              name: 'Visual Studio Code',
              version: '1.139.1',
              commit: null,
              flavour: 'vscode',
              packaging: 'tarball',
              directory: `${home}/opt/code`,
              productFile: `${home}/opt/code/resources/app/product.json`,
              executable: null,
              settingsFiles: [`${home}/.config/Code/User/settings.json`],
              userOwned: true,
            },
          ],
        },
      },
      'editor-settings': {
        ...nothing,
        status: 'ok',
        data: {
          files: [],
          references: values.map((value) => ({
            path: value,
            reference: {
              kind: 'setting',
              file: `${home}/.config/Code/User/settings.json`,
              target: null,
              line: 1,
              jsonPath: ['git.path'],
              setting: 'git.path',
              value,
              editorId: '0123456789',
              editorName: 'Visual Studio Code',
            },
          })),
        },
      },
      'go-tools': nothing,
      programs: nothing,
      packages: nothing,
      components: nothing,
      'go-extension': nothing,
    },
  };
}

describe('snapshot files', () => {
  it('come back as they were saved', () => {
    const original = snapshot('/home/ada', 'ada', ['/home/ada/bin/git']);
    expect(loadSnapshot(saveSnapshot(original), '/saved.json')).toEqual({
      ok: true,
      value: original,
    });
  });

  it('are refused with the place where they stop being a snapshot', () => {
    const original = snapshot('/home/ada', 'ada', []);
    const texts: readonly (readonly [string, string | RegExp])[] = [
      ['{', /JSON/],
      ['null', 'schema'],
      [saveSnapshot({ ...original, schema: 'devmend.snapshot/2' as never }), 'schema'],
      [saveSnapshot({ ...original, user: { uid: 'x' } as never }), 'user.uid'],
      [saveSnapshot({ ...original, extra: 1 } as never), 'schema'],
    ];
    for (const [text, reason] of texts) {
      const loaded = loadSnapshot(text, '/saved.json');
      expect(loaded.ok).toBe(false);
      if (loaded.ok) continue;
      expect(loaded.error.code).toBe('snapshot-invalid');
      expect(loaded.error.params['reason']).toMatch(reason);
    }
  });
});

describe('A1.9 redaction', () => {
  it('takes out home, user, host and tokens wherever they stand', () => {
    const text = JSON.stringify(
      redactSnapshot(
        snapshot('/home/ada', 'ada', [
          '/home/ada/bin/git',
          '/media/ada/disk/git',
          '/mnt/analytical/git',
          'https://ada:hunter2@example.org/git',
          '/opt/ghp_abcdefghijklmnop1234/git',
          '/opt/x?token=sesame&y=1',
        ]),
        { host: 'analytical' },
      ),
    );
    for (const secret of ['ada', 'analytical', 'hunter2', 'ghp_', 'sesame']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('/home/user/bin/git');
    expect(text).toContain('/media/user/disk/git');
    expect(text).toContain('y=1');
  });

  it('leaves longer names alone that only begin like the home', () => {
    const redacted = redactSnapshot(snapshot('/home/ada', 'ada', ['/home/adalbert/git']), {
      host: 'h',
    });
    expect(JSON.stringify(redacted)).toContain('/home/adalbert/git');
  });

  it('gives a valid snapshot whatever the names are, a word of the schema too', () => {
    const name = fc.oneof(
      fc.constantFrom('vscode', 'setting', 'ok', 'git', 'root', 'tarball', 'a.b*c', '$&'),
      fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/[/\0]/.test(text)),
    );
    fc.assert(
      fc.property(name, name, (user, host) => {
        const home = `/home/${user}`;
        const redacted = redactSnapshot(snapshot(home, user, [`${home}/bin/x`]), { host });
        expect(snapshotSchema.safeParse(redacted).success).toBe(true);
      }),
    );
  });
});
