import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkEditedElf } from '../../../electron/engine/elf/structure.ts';
import { compile, elfOf, MAIN, temporaryDirectory } from './tools.ts';

const directory = temporaryDirectory();
const LOADER = '/opt/devmend/sandbox/debian-13/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2';
const RPATH = ['/opt/devmend/sandbox/debian-13/lib/x86_64-linux-gnu', '$ORIGIN/lib'];

function copyOf(file: string, name: string): string {
  const copy = path.join(directory, name);
  fs.copyFileSync(file, copy);
  return copy;
}

function patchelf(file: string, ...args: string[]): void {
  execFileSync('patchelf', [...args, file]);
}

/** `program`, edited in place by `edit` at a program header's place in the file. */
function corrupted(
  name: string,
  type: number,
  edit: (bytes: Buffer, header: number) => void,
): string {
  const copy = copyOf(program, name);
  const bytes = fs.readFileSync(copy);
  const start = Number(bytes.readBigUInt64LE(32));
  const count = bytes.readUInt16LE(56);
  for (let index = 0; index < count; index += 1) {
    if (bytes.readUInt32LE(start + index * 56) === type) {
      edit(bytes, start + index * 56);
      break;
    }
  }
  fs.writeFileSync(copy, bytes);
  return copy;
}

const program = compile(
  directory,
  'program',
  '#include <stdio.h>\nint main(void) { puts("here"); return 0; }\n',
);

describe('fact 16: an edit that is sound passes', () => {
  test('patchelf, rpath first, then interpreter', () => {
    const edited = copyOf(program, 'edited');
    patchelf(edited, '--force-rpath', '--set-rpath', RPATH.join(':'));
    patchelf(edited, '--set-interpreter', LOADER);
    const check = checkEditedElf(program, edited, { interpreter: LOADER, rpath: RPATH });
    expect(check).toMatchObject({ ok: true });
    expect(check.ok && check.value.tables).toBeGreaterThan(8);
  });

  test('the file against itself, for every kind of program', () => {
    const bare = compile(directory, 'static', MAIN, ['-static']);
    const pie = compile(directory, 'static-pie', MAIN, ['-static-pie']);
    const fixed = compile(directory, 'no-pie', MAIN, ['-no-pie']);
    for (const file of [program, bare, pie, fixed, '/bin/ls', '/usr/bin/gdbus', '/usr/bin/go']) {
      if (fs.existsSync(file)) {
        expect(checkEditedElf(file, file, {}), file).toMatchObject({ ok: true });
      }
    }
  });
});

describe('fact 15: real damage by an editor', () => {
  test('patchelf 0.14 on a Go program with net, interpreter before rpath', () => {
    const sources = path.join(directory, 'net');
    fs.mkdirSync(sources);
    fs.writeFileSync(path.join(sources, 'go.mod'), 'module example.org/net\n\ngo 1.19\n');
    fs.writeFileSync(
      path.join(sources, 'main.go'),
      'package main\n\nimport "net"\n\nfunc main() {\n\tnames, _ := net.LookupHost("localhost")\n\tprintln(len(names))\n}\n',
    );
    const original = path.join(directory, 'go-net');
    execFileSync('go', ['build', '-o', original, '.'], {
      cwd: sources,
      env: { ...process.env, GOCACHE: path.join(directory, 'gocache'), CGO_ENABLED: '1' },
    });
    const own = '/lib64/ld-linux-x86-64.so.2';
    const longer = '/lib/x86_64-linux-gnu/../x86_64-linux-gnu/ld-linux-x86-64.so.2';
    expect(elfOf(original).interpreter).toBe(own);

    for (const [name, first, second] of [
      ['interpreter first', ['--set-interpreter', longer], ['--set-rpath', '/opt/x']],
      ['rpath first', ['--set-rpath', '/opt/x'], ['--set-interpreter', longer]],
    ] as const) {
      const edited = copyOf(original, `go-${name.replace(' ', '-')}`);
      patchelf(edited, ...first);
      patchelf(edited, ...second);
      const check = checkEditedElf(original, edited, { interpreter: longer, rpath: ['/opt/x'] });
      const runs = spawnSync(edited).status === 0;
      expect({ name, sound: check.ok }).toEqual({ name, sound: runs });
      if (!runs) {
        expect(check.ok ? '' : check.error.rule).toMatch(/dynamic|table|loaded|readable/);
      }
    }
  });
});

describe('hand-made damage is named by its rule', () => {
  const PT_LOAD = 1;
  const PT_DYNAMIC = 2;
  const PT_INTERP = 3;
  const PT_PHDR = 6;
  const ruleOf = (file: string): string => {
    const check = checkEditedElf(program, file, {});
    return check.ok ? 'sound' : check.error.rule;
  };
  const dynamicSegment = elfOf(program).segments.find((one) => one.type === PT_DYNAMIC);

  test('PT_DYNAMIC in a read-only segment', () => {
    const file = copyOf(program, 'read-only');
    const bytes = fs.readFileSync(file);
    const start = Number(bytes.readBigUInt64LE(32));
    for (let index = 0; index < bytes.readUInt16LE(56); index += 1) {
      const at = start + index * 56;
      if (bytes.readUInt32LE(at) === PT_LOAD && bytes.readUInt32LE(at + 4) === 6) {
        bytes.writeUInt32LE(4, at + 4);
      }
    }
    fs.writeFileSync(file, bytes);
    expect(ruleOf(file)).toBe('dynamic-writable');
  });

  test.each([
    ['an interpreter outside every segment', PT_INTERP, 16, 0x900000n, 'interpreter-loaded'],
    ['a dynamic section outside every segment', PT_DYNAMIC, 16, 0x900000n, 'dynamic-loaded'],
    ['a segment that ends behind the file', PT_LOAD, 32, 0x900000n, 'segment-in-file'],
    ['program headers that are not loaded', PT_PHDR, 16, 0x900000n, 'program-headers-loaded'],
  ])('%s', (_, type, field, value, rule) => {
    const file = corrupted(rule, type, (bytes, header) => {
      bytes.writeBigUInt64LE(value, header + field);
    });
    expect(ruleOf(file)).toBe(rule);
  });

  test.each([
    ['a relocation table', 7, 'table-loaded'],
    ['the symbol table', 6, 'table-loaded'],
    ['the hash table', 0x6ffffef5, 'table-loaded'],
  ])('%s outside every segment', (_, tag, rule) => {
    const file = copyOf(program, `table-${tag}`);
    const bytes = fs.readFileSync(file);
    let at = dynamicSegment?.offset ?? 0;
    while (Number(bytes.readBigUInt64LE(at)) !== tag) {
      at += 16;
    }
    bytes.writeBigUInt64LE(0x900000n, at + 8);
    fs.writeFileSync(file, bytes);
    expect(ruleOf(file)).toBe(rule);
  });

  test('an address out of step with the offset', () => {
    const file = copyOf(program, 'alignment');
    const bytes = fs.readFileSync(file);
    const start = Number(bytes.readBigUInt64LE(32));
    for (let index = 0; index < bytes.readUInt16LE(56); index += 1) {
      const at = start + index * 56;
      const moved = bytes.readBigUInt64LE(at + 8) !== bytes.readBigUInt64LE(at + 16);
      if (bytes.readUInt32LE(at) === PT_LOAD && moved) {
        bytes.writeBigUInt64LE(0x10000n, at + 48);
      }
    }
    fs.writeFileSync(file, bytes);
    expect(ruleOf(file)).toBe('segment-alignment');
  });

  test('a cut file is unreadable', () => {
    const file = copyOf(program, 'cut');
    fs.truncateSync(file, dynamicSegment?.offset ?? 0);
    expect(ruleOf(file)).toBe('readable');
  });
});

describe('nothing but the intended fields may change', () => {
  test.each([
    ['needed', ['--add-needed', 'libm.so.6'], {}, 'meaning-changed'],
    ['soname', ['--set-soname', 'x'], {}, 'meaning-changed'],
    ['rpath not asked for', ['--set-rpath', '/x'], {}, 'meaning-changed'],
    ['interpreter not asked for', ['--set-interpreter', LOADER], {}, 'meaning-changed'],
    ['an edit that did not happen', ['--set-rpath', '/x'], { rpath: ['/y'] }, 'edit-missing'],
    ['versions', ['--clear-symbol-version', 'puts'], {}, 'meaning-changed'],
  ] as const)('%s', (name, args, intended, rule) => {
    const file = copyOf(program, `meaning-${name.replace(/ /g, '-')}`);
    patchelf(file, ...args);
    expect(checkEditedElf(program, file, intended)).toMatchObject({ ok: false, error: { rule } });
  });

  test('an appended payload must stay where its reader looks for it', () => {
    const original = copyOf(program, 'bundled');
    fs.appendFileSync(original, 'payload '.repeat(100));
    const file = copyOf(original, 'bundled-edited');
    patchelf(file, '--set-rpath', '/opt/some/where');
    expect(checkEditedElf(original, file, { rpath: ['/opt/some/where'] }).ok).toBe(false);
  });
});
