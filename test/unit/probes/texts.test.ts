import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOsRelease } from '../../../electron/engine/probes/distribution.ts';
import { programsOfDesktopEntry } from '../../../electron/engine/probes/editor-locations.ts';
import { highestVersions } from '../../../electron/engine/probes/libc.ts';
import { probes } from '../../../electron/engine/probes/registry.ts';
import { readSettingsText } from '../../../electron/engine/probes/settings-text.ts';
import { catalogs } from '../../../shared/messages/catalogs.ts';

describe('os-release', () => {
  it('undoes both kinds of quotes and leaves lines of other shapes out', () => {
    const fields = parseOsRelease(
      'ID=debian\n# no\nNAME="A \\"quoted\\" \\$name"\nX=\'it\\is\'\nlower=1\nVERSION_ID=12 \n',
    );
    expect(Object.fromEntries(fields)).toEqual({
      ID: 'debian',
      NAME: 'A "quoted" $name',
      X: 'it\\is',
      VERSION_ID: '12',
    });
  });
});

describe('highest versions', () => {
  it('compares numbers as numbers and leaves names without one out', () => {
    expect(
      highestVersions([
        'GLIBC_2.9',
        'GLIBC_2.36',
        'GLIBC_2.2.5',
        'GLIBC_PRIVATE',
        'GLIBC_ABI_DT_RELR',
        'GLIBCXX_3.4.9',
        'GLIBCXX_3.4.30',
        'GLIBCXX_LDBL_3.4',
        'CXXABI_1.3.13',
        'CXXABI_1.3.9',
        'CXXABI_TM_1',
        'CXXABI_FLOAT128',
      ]),
    ).toEqual({ GLIBC: '2.36', GLIBCXX: '3.4.30', CXXABI: '1.3.13' });
  });
});

describe('menu entries', () => {
  it('gives every absolute path of Exec and TryExec, quotes undone', () => {
    const text = [
      '[Desktop Entry]',
      'TryExec=/usr/bin/code',
      'Exec=env A=b "/home/a b/code" --x %F',
      'Icon=/usr/share/icon.png',
      '[Desktop Action new]',
      'Exec=/opt/code/code --new-window',
    ].join('\n');
    expect(programsOfDesktopEntry(text)).toEqual([
      '/usr/bin/code',
      '/home/a b/code',
      '/opt/code/code',
    ]);
  });
});

describe('settings text', () => {
  it('reads comments and trailing commas, and gives the line and the path of each value', () => {
    const { programs, errors } = readSettingsText(
      [
        '{',
        '  // the newer git',
        '  "git.path": "/opt/git/bin/git", /* why not */',
        '  "go.alternateTools": {',
        '    "gopls": "~/go/bin/gopls",',
        '  },',
        '  "terminal.integrated.profiles.linux": {',
        '    "bash (v5.2)": { "path": ["/opt/bash", "bash"] },',
        '  },',
        '}',
      ].join('\r\n'),
    );
    expect(errors).toEqual([]);
    expect(
      programs.map(({ setting, jsonPath, line, value }) => [setting, jsonPath, line, value]),
    ).toEqual([
      ['git.path', ['git.path'], 3, '/opt/git/bin/git'],
      ['go.alternateTools.gopls', ['go.alternateTools', 'gopls'], 5, '~/go/bin/gopls'],
      [
        'terminal.integrated.profiles.linux.bash (v5.2).path',
        ['terminal.integrated.profiles.linux', 'bash (v5.2)', 'path', 0],
        8,
        '/opt/bash',
      ],
      [
        'terminal.integrated.profiles.linux.bash (v5.2).path',
        ['terminal.integrated.profiles.linux', 'bash (v5.2)', 'path', 1],
        8,
        'bash',
      ],
    ]);
  });

  it('still gives what stands before and after the place where the text breaks', () => {
    const { programs, errors } = readSettingsText(
      '{\n  "git.path": "/opt/git"\n  "x": ,\n  "go.goroot": "/opt/go"\n}',
    );
    expect(errors.length).toBeGreaterThan(0);
    expect(errors[0]?.line).toBe(3);
    expect(programs.map(({ value }) => value)).toEqual(['/opt/git', '/opt/go']);
  });

  it('takes the last of two equal keys, as VS Code does', () => {
    const { programs } = readSettingsText('{"git.path": "/old",\n"git.path": "/new"}');
    expect(programs.map(({ value, line }) => [value, line])).toEqual([['/new', 2]]);
  });

  it('finds settings written as nested objects and behind a byte order mark', () => {
    const { programs } = readSettingsText('\uFEFF{"git": {"path": "/opt/git"}}');
    expect(programs.map(({ setting, jsonPath }) => [setting, jsonPath])).toEqual([
      ['git.path', ['git', 'path']],
    ]);
  });

  it('counts a suffix rule only where the value can be nothing but a path', () => {
    const { programs } = readSettingsText(
      '{"shellcheck.executablePath": "/opt/sc", "other.executablePath": "some words"}',
    );
    expect(programs.map(({ value }) => value)).toEqual(['/opt/sc']);
  });

  it('gives nothing for an empty file, for null and for other values than text', () => {
    expect(readSettingsText('')).toEqual({ programs: [], errors: [] });
    expect(readSettingsText('{"git.path": null, "go.goroot": 5}').programs).toEqual([]);
  });

  it('never throws, and every line it names is one of the text', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"git.path"',
      '"/x"',
      '// c\n',
      '/*',
      '*/',
      '\n',
      '\r',
      '"',
      '\\',
      '1',
      'tru',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const { programs, errors } = readSettingsText(text);
        const lines = text.split(/\r\n|\n|\r/).length;
        for (const { line } of [...programs, ...errors]) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
        }
      }),
    );
  });

  it('reads back any program that JSON can hold, at the line where it was written', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(name, fc.nat({ max: 30 }), (value, blank) => {
        const text = `{${'\n'.repeat(blank)}"git.path": ${JSON.stringify(value)}}`;
        const { programs } = readSettingsText(text);
        expect(programs.map((one) => [one.value, one.line])).toEqual([[value, blank + 1]]);
      }),
    );
  });
});

describe('the registry', () => {
  it('lists every probe behind those whose answers it reads, and names its phase', () => {
    const seen = new Set<string>();
    for (const probe of probes) {
      for (const before of probe.after) expect(seen).toContain(before);
      seen.add(probe.id);
      expect(catalogs.en).toHaveProperty([`probe.phase.${probe.id}`]);
    }
    expect(seen.size).toBe(probes.length);
  });
});
