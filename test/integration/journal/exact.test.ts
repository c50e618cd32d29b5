import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureState } from '../../../electron/engine/journal/capture.ts';
import { redo, undo } from '../../../electron/engine/journal/undo.ts';
import type { Change } from '../../../shared/plan.ts';
import {
  apply,
  copyTree,
  editJson,
  job,
  removeTree,
  timeless,
  value,
  workbench,
} from './workbench.ts';
import type { Workbench } from './workbench.ts';

const ROOT = process.getuid?.() === 0;
const stop = { onConflict: 'stop' } as const;

/** Names that break tools which think in words, lines or UTF-8. */
const oddName = fc.oneof(
  fc.constantFrom(
    '-rf',
    'a b',
    'new\nline',
    "it's",
    '"quoted"',
    '*',
    '$HOME',
    'ü',
    '.hidden',
    '\\',
  ),
  fc.constantFrom(Buffer.from([0xff, 0xfe, 0x41]), Buffer.from([0xc3])),
);

const entry = fc.record({
  name: oddName,
  kind: fc.constantFrom('file', 'sparse', 'link', 'directory', 'hard-link'),
  mode: fc.constantFrom(0o644, 0o755, 0o600, 0o444, 0o4755, 0o2750, 0o1777),
  owner: fc.constantFrom(0, 1000, 65534),
  seconds: fc.integer({ min: 0, max: 2_000_000_000 }),
  extra: fc.constantFrom('none', 'xattr', 'acl', 'capability'),
  content: fc.uint8Array({ maxLength: 300 }),
});
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

/** Makes an entry below a directory; what cannot be made there twice is left out. */
function make(directory: string, made: Entry): void {
  const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(made.name)]);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  switch (made.kind) {
    case 'link':
      symlinkSync(Buffer.from('../nowhere\n'), path);
      return;
    case 'directory':
      mkdirSync(path);
      writeFileSync(Buffer.concat([path, Buffer.from('/inner')]), made.content);
      break;
    case 'hard-link':
      linkSync(`${directory}/first`, path);
      return;
    case 'sparse':
      writeFileSync(path, made.content);
      truncateSync(path, 2_000_000);
      break;
    default:
      writeFileSync(path, made.content);
  }
  if (ROOT) chownSync(path, made.owner, made.owner);
  chmodSync(path, made.mode);
  decorate(directory, made);
  utimesSync(path, made.seconds, made.seconds + 0.25);
}

/** setfacl and its like take names as text only. */
function decorate(directory: string, made: Entry): void {
  if (typeof made.name !== 'string' || made.kind === 'directory') return;
  const path = `${directory}/${made.name}`;
  if (made.extra === 'xattr') execFileSync('setfattr', ['-n', 'user.x', '-v', 'a b', '--', path]);
  if (made.extra === 'acl') execFileSync('setfacl', ['-m', 'u:daemon:rwx', '--', path]);
  if (made.extra === 'capability' && ROOT) execFileSync('setcap', ['cap_net_raw+ep', path]);
}

async function inWorkbench(body: (bench: Workbench) => Promise<void>): Promise<void> {
  const bench = workbench();
  try {
    mkdirSync(bench.at('tree'));
    writeFileSync(bench.at('tree/first'), 'first');
    await body(bench);
  } finally {
    bench.dispose();
  }
}

describe('A3.1 apply, then undo', () => {
  it('is the identity for trees of any kind, and redo is apply again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) =>
        inWorkbench(async (bench) => {
          for (const one of entries) make(bench.at('tree'), one);
          const [tree, copy] = [bench.at('tree'), bench.at('deep/er/copy')];
          const before = await captureState(tree);
          const first = await apply(bench, [copyTree(tree, copy)]);
          expect(first.failure).toBeNull();
          const copied = await captureState(copy);
          const second = await apply(bench, [removeTree(tree)]);
          expect(second.failure).toBeNull();
          expect(await captureState(tree)).toEqual({ type: 'absent' });

          value(await undo(bench.machine, second.id, stop, job()));
          expect(await captureState(tree)).toEqual(before);
          value(await undo(bench.machine, first.id, stop, job()));
          expect(await captureState(bench.at('deep'))).toEqual({ type: 'absent' });
          value(await redo(bench.machine, first.id, job()));
          expect(await captureState(copy)).toEqual(copied);
        }),
      ),
      { numRuns: 12 },
    );
  });

  it('is the identity for a settings file with any mode, owner, times and attributes', async () => {
    const file = fc.record({
      mode: fc.constantFrom(0o644, 0o600, 0o664, 0o755, 0o6755),
      owner: fc.constantFrom(0, 1000),
      nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
      extra: fc.subarray(['xattr', 'acl', 'link'] as const),
      head: fc.constantFrom('', '\uFEFF', '// c\r\n', '/* \t */\n\n'),
      tail: fc.constantFrom('', '\n', '\r\n', ' // \xff'),
    });
    await fc.assert(
      fc.asyncProperty(file, async (made) =>
        inWorkbench(async (bench) => {
          const path = bench.at('a b"\n.json');
          const body = Buffer.from(`${made.head}{"a":1,\n\t"b": [2,],}`);
          writeFileSync(path, Buffer.concat([body, Buffer.from(made.tail, 'latin1')]));
          if (ROOT) chownSync(path, made.owner, made.owner);
          chmodSync(path, made.mode);
          if (made.extra.includes('xattr'))
            execFileSync('setfattr', ['-n', 'user.y', '-v', '1', path]);
          if (made.extra.includes('acl')) execFileSync('setfacl', ['-m', 'u:daemon:r', path]);
          if (made.extra.includes('link')) linkSync(path, bench.at('other'));
          const time = `@1600000000.${String(made.nanoseconds).padStart(9, '0')}`;
          execFileSync('touch', ['-d', time, '--', path]);
          const before = await captureState(path);
          const { ino } = statSync(path);

          const changes: Change[] = [
            editJson(path, 'a', 1, 'ü'),
            editJson(path, 'c', undefined, 3),
          ];
          const outcome = await apply(bench, changes);
          expect(outcome.failure).toBeNull();
          if (made.extra.includes('link')) expect(statSync(path).ino).toBe(ino);
          const applied = timeless(await captureState(path));
          value(await undo(bench.machine, outcome.id, stop, job()));
          expect(await captureState(path)).toEqual(before);
          value(await redo(bench.machine, outcome.id, job()));
          expect(timeless(await captureState(path))).toEqual(applied);
          rmSync(path);
        }),
      ),
      { numRuns: 12 },
    );
  });

  it('is the identity where neither side is on the file system of the journal', async () =>
    inWorkbench(async (bench) => {
      const mount = bench.at('mount');
      mkdirSync(mount);
      execFileSync('mount', ['-t', 'tmpfs', 'none', mount]);
      try {
        execFileSync('cp', ['-a', bench.at('tree'), `${mount}/tree`]);
        symlinkSync('first', `${mount}/tree/link`);
        const before = await captureState(`${mount}/tree`);
        const { id, failure } = await apply(bench, [removeTree(`${mount}/tree`)]);
        expect(failure).toBeNull();
        for (let round = 0; round < 2; round += 1) {
          expect(value(await undo(bench.machine, id, stop, job())).failure).toBeNull();
          expect(await captureState(`${mount}/tree`)).toEqual(before);
          expect(value(await redo(bench.machine, id, job())).failure).toBeNull();
          expect(await captureState(`${mount}/tree`)).toEqual({ type: 'absent' });
        }
      } finally {
        execFileSync('umount', [mount]);
      }
    }));
});
