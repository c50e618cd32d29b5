import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { editJsonText, jsonValueAt } from '../../../electron/engine/changes/json-text.ts';
import { parseOsRelease } from '../../../electron/engine/probes/distribution.ts';
import { readSettingsText } from '../../../electron/engine/probes/settings-text.ts';
import { configuredArchives } from '../../../electron/engine/sandbox/apt-sources.ts';
import { compareVersions } from '../../../electron/engine/sandbox/control.ts';
import { canonicalText } from '../../../electron/engine/sandbox/signed-file.ts';

/**
 * What `npm run fuzz` has found in readers of text. A quadratic reader needs minutes for
 * these and runs into the time limit of the test; a linear one needs milliseconds.
 */

test.each(['[', '{"a":', '{"git.path":['])(
  'settings nested 50,000 deep (%s) are an error',
  (open) => {
    const text = open.repeat(50_000);
    expect(readSettingsText(text)).toMatchObject({ programs: [], errors: [{ line: 1 }] });
    expect(editJsonText(Buffer.from(text), [], '/s.json').ok).toBe(true);
    const edit = { jsonPath: ['a'], before: null, after: '1' };
    expect(editJsonText(Buffer.from(text), [edit], '/s.json')).toMatchObject({
      ok: false,
      error: { code: 'settings-unreadable' },
    });
    expect(jsonValueAt(Buffer.from(text), ['a'])).toBeUndefined();
  },
);

test('settings nested as deep as people nest them are read', () => {
  const text = `{"a":${'['.repeat(40)}"x"${']'.repeat(40)},"git.path":["/a",["/b"]]}`;
  expect(readSettingsText(text).errors).toEqual([]);
});

test('of a text that is not JSON at all, the first hundred errors are told', () => {
  const { errors } = readSettingsText(`{${'a:'.repeat(200_000)}`);
  expect(errors).toHaveLength(100);
  expect(errors[0]?.line).toBe(1);
});

test('a setting with 400,000 programs is read in one pass', () => {
  const text = `{"git.path":[${'"/a",'.repeat(400_000)}"/b"]}`;
  const { programs } = readSettingsText(text);
  expect(programs).toHaveLength(400_001);
  expect(programs[400_000]).toMatchObject({ value: '/b', jsonPath: ['git.path', 400_000] });
});

test('a key is added to a line of two megabytes, which stays as it is', () => {
  const text = `{"a":[${'"/a",'.repeat(400_000)}"/b"]}`;
  const edit = { jsonPath: ['git.path'], before: null, after: '"/c"' };
  const edited = editJsonText(Buffer.from(text), [edit], '/s.json');
  const bytes = edited.ok ? edited.value : Buffer.alloc(0);
  expect(bytes.subarray(0, text.length - 1).toString()).toBe(text.slice(0, -1));
  expect(jsonValueAt(bytes, ['git.path'])).toBe('/c');
});

test('versions with a million digits are compared, not computed', () => {
  const digits = '9'.repeat(10_000_000);
  expect(compareVersions(digits, `${digits}1`)).toBeLessThan(0);
  expect(compareVersions(`1.00${digits}`, `1.${digits}`)).toBe(0);
});

test('a source line of two million brackets is passed over', async () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-sources-'));
  try {
    fs.mkdirSync(path.join(root, 'etc/apt'), { recursive: true });
    const good = 'deb [arch=amd64 trusted=no] http://mirror.example/debian bookworm main';
    fs.writeFileSync(path.join(root, 'etc/apt/sources.list'), `${'['.repeat(2e6)}\n${good}\n`);
    const archives = await configuredArchives(root);
    expect(archives.map(({ href }) => href)).toEqual(['http://mirror.example/debian/']);
  } finally {
    fs.rmSync(root, { recursive: true });
  }
});

test('two million empty lines in a signed text stay as they are', () => {
  const text = `a${'\n'.repeat(2e6)}b`;
  expect(canonicalText(`${text}\r\n\n`)).toBe(`${text}\n`);
});

test('two million blanks in a line of os-release are part of its value', () => {
  const blanks = ' '.repeat(2e6);
  const fields = parseOsRelease(`NAME=a${blanks}b${blanks}\r\nID=debian\n`);
  expect(fields.get('NAME')).toBe(`a${blanks}b`);
  expect(fields.get('ID')).toBe('debian');
});
