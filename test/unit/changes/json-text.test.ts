import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editJsonText, jsonValueAt } from '../../../electron/engine/changes/json-text.ts';

/** Applies one edit of a top-level key; the text afterwards, or the code of the failure. */
function edit(text: string | Buffer, key: string, before: unknown, after: unknown): string {
  const json = (value: unknown): string | null =>
    value === undefined ? null : JSON.stringify(value);
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
  const edits = [{ jsonPath: [key], before: json(before), after: json(after) }];
  const result = editJsonText(bytes, edits, '/settings.json');
  return result.ok
    ? result.value.toString(Buffer.isBuffer(text) ? 'latin1' : 'utf8')
    : result.error.code;
}

describe('an edit of a settings file', () => {
  it('keeps comments, order, trailing commas, indentation and a missing last newline', () => {
    const text =
      '{\n\t// top\n\t"z": 1, /* why */\n\t"git.path": "/a", // team build\n\t"b": [1,],\n}';
    expect(edit(text, 'git.path', '/a', '/b')).toBe(text.replace('"/a"', '"/b"'));
  });

  it('keeps CR LF and a byte order mark', () => {
    const text = '\uFEFF{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n';
    expect(edit(text, 'b', 2, 3)).toBe(text.replace('2', '3'));
    expect(edit(text, 'c', undefined, 3)).toBe(text.replace(': 2', ': 2,\r\n  "c": 3'));
  });

  it('keeps bytes that are not UTF-8', () => {
    const bytes = Buffer.from('{"a": 1 /* \xff\xfe */, "b": "\xe9"}', 'latin1');
    expect(edit(bytes, 'a', 1, 2)).toBe('{"a": 2 /* \xff\xfe */, "b": "\xe9"}');
  });

  it('writes what is not ASCII as UTF-8', () => {
    expect(edit('{"ключ": "ü"}', 'ключ', 'ü', '目录')).toBe('{"ключ": "目录"}');
  });

  it('changes the last of two equal keys, which is the one that counts', () => {
    expect(edit('{"a": 1, "a": 2}', 'a', 2, 3)).toBe('{"a": 1, "a": 3}');
  });

  it('removes a key with its comma', () => {
    expect(edit('{\n  "a": 1,\n  "b": 2\n}', 'b', 2, undefined)).toBe('{\n  "a": 1\n}');
  });

  it('is refused when the value is not the one it was planned for', () => {
    expect(edit('{"a": 1}', 'a', 2, 3)).toBe('target-changed');
    expect(edit('{"a": 1}', 'a', undefined, 3)).toBe('target-changed');
    expect(edit('{}', 'a', 1, 3)).toBe('target-changed');
  });

  it.each(['{"a": 1', '{"a" 1}', '', '[1]', '"text"', '{"a": 1} }'])('leaves %j alone', (text) => {
    expect(edit(text, 'a', 1, 2)).toBe('settings-unreadable');
  });

  it('changes nothing but the value, whatever stands around it', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n', ' // c\n', '/* é */');
    fc.assert(
      fc.property(
        fc.array(space, { minLength: 8, maxLength: 8 }),
        fc.jsonValue(),
        (gaps, value) => {
          const [a, b, c, d, e, f, g, h] = gaps;
          const head = `${a}{${b}"x"${c}:${d}[1]${e},${f}"k":`;
          const tail = `${g},}${h}`;
          const text = `${head}"old"${tail}`;
          expect(edit(text, 'k', 'old', value)).toBe(head + JSON.stringify(value) + tail);
          const bytes = Buffer.from(head + JSON.stringify(value) + tail);
          // Not jsonc-parser's own parse(): that one loses a key called __proto__.
          expect(JSON.stringify(jsonValueAt(bytes, ['k']))).toBe(JSON.stringify(value));
        },
      ),
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('knows no names but the file’s: %s', (name) => {
    const value = `{"${name}":{"a":1},"b":[{"${name}":null}]}`;
    const parsed: unknown = JSON.parse(value);
    expect(edit('{"k": "old"}', 'k', 'old', parsed)).toBe(`{"k": ${value}}`);
    expect(edit(`{"k": ${value}}`, 'k', parsed, 1)).toBe('{"k": 1}');
    expect(JSON.stringify(jsonValueAt(Buffer.from(`{"k":${value}}`), ['k']))).toBe(value);
    expect(edit('{}', name, undefined, 1).replace(/\s/g, '')).toBe(`{"${name}":1}`);
    expect(edit(`{"${name}": 1}`, name, 1, 2)).toBe(`{"${name}": 2}`);
    expect(edit(`{"${name}": 1}`, name, 1, undefined)).toBe('{}');
  });
});
