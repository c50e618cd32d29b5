import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DependencyReport } from '../../../shared/elf.ts';
import { LoaderSession } from '../../../electron/engine/elf/loader.ts';
import { dependencyDot } from '../../../electron/engine/elf/report.ts';
import { compile, library, MAIN, temporaryDirectory } from './tools.ts';

/** What Graphviz has understood: names and labels with its escapes taken back. */
interface Drawn {
  readonly nodes: ReadonlyMap<string, string>;
  readonly edges: readonly { readonly tail: string; readonly head: string }[];
}

interface GraphvizJson {
  readonly objects?: readonly { readonly name: string; readonly label: string }[];
  readonly edges?: readonly { readonly tail: number; readonly head: number }[];
}

/** Lets Graphviz read it; a complaint of any kind is a failure. */
function graphviz(dot: string): Drawn {
  // dot_json keeps to what the text says; nothing is laid out or drawn.
  const { status, stdout, stderr } = spawnSync('dot', ['-Tdot_json'], {
    input: dot,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const graph = JSON.parse(stdout) as GraphvizJson;
  const names = (graph.objects ?? []).map(({ name }) => name);
  return {
    nodes: new Map((graph.objects ?? []).map(({ name, label }) => [name, label])),
    edges: (graph.edges ?? []).map(({ tail, head }) => ({
      tail: names[tail] ?? '',
      head: names[head] ?? '',
    })),
  };
}

const directory = temporaryDirectory();
const simulate = (file: string) => new LoaderSession('/').simulate(file);

describe('Graphviz reads devmend deps --dot', () => {
  test.each(['/usr/bin/git', '/usr/bin/gcc', '/bin/ls', '/bin/bash', '/usr/bin/python3'])(
    'of %s: an object a node, an asker an arrow',
    (program) => {
      const report = simulate(program);
      const drawn = graphviz(dependencyDot(report));
      const paths = new Set([report.file, ...report.objects.map((object) => object.path)]);
      expect(new Set(drawn.nodes.keys())).toEqual(paths);
      const askers = report.objects.flatMap((object) => object.requiredBy);
      expect(drawn.edges).toHaveLength(askers.length);
    },
  );

  const hostile = [
    'quote"quote',
    'a"]; evil [label="x',
    'line\nbreak',
    'carriage\rreturn',
    'tab\tand\u0001control',
    'back\\slash',
    'ends in a backslash\\',
    'looks\\Nlike\\Gescapes\\l',
    'a -> b',
    ']; }',
    '<b>bold</b>',
    '&lt;&amp;&quot;',
    '// comment /* more */',
    '# hash',
    '二进制文件 ünïcode 🧩',
    '{field|<port> record}',
  ];
  test.each(hostile)('where a program is named %j', (name) => {
    const program = path.join(directory, name.replaceAll('/', '∕'));
    fs.copyFileSync('/bin/true', program);
    const report = simulate(program);
    const drawn = graphviz(dependencyDot(report));
    expect(drawn.nodes.size).toBe(report.objects.length + 1);
    expect(drawn.edges).toHaveLength(report.objects.flatMap((one) => one.requiredBy).length);
    expect(drawn.nodes.has('evil')).toBe(false);
  });

  test('where the name is no UTF-8', () => {
    const program = Buffer.concat([Buffer.from(`${directory}/caf`), Buffer.from([0xe9, 0xff])]);
    fs.copyFileSync('/bin/true', program);
    const name = fs.readdirSync(directory).find((one) => one.startsWith('caf')) ?? '';
    const drawn = graphviz(dependencyDot(simulate(path.join(directory, name))));
    expect(drawn.nodes.size).toBeGreaterThan(0);
  });

  test('where sonames, versions and symbols are hostile', () => {
    const soname = 'libx"]; evil [label="<b>\n -> \\';
    const base = path.join(directory, 'hostile');
    fs.mkdirSync(base);
    library(base, 'libplain.so', 'int plain(void) { return 0; }\n');
    const program = compile(
      base,
      'program',
      'int plain(void);\nint main(void) { return plain(); }\n',
      [`-L${base}`, '-lplain'],
    );
    execFileSync('patchelf', ['--replace-needed', 'libplain.so', soname, program]);
    const report = simulate(program);
    expect(report.missing.map((missing) => missing.soname)).toEqual([soname]);
    const drawn = graphviz(dependencyDot(report));
    expect(drawn.nodes.has('evil')).toBe(false);
    expect([...drawn.nodes.keys()].filter((node) => node.startsWith('missing '))).toHaveLength(1);
  });

  test('whatever the strings are', () => {
    const plain = simulate(compile(directory, 'plain', MAIN));
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => !one.includes('\0'));
    const report = fc.record({
      file: text,
      path: text,
      missing: text,
      version: text,
      symbol: text,
    });
    fc.assert(
      fc.property(report, (some) => {
        const { drawn, nodes } = withStrings(plain, some);
        expect(graphviz(dependencyDot(drawn)).nodes.size).toBe(nodes);
      }),
      { numRuns: 40 },
    );
  });
});

interface Strings {
  readonly file: string;
  readonly path: string;
  readonly missing: string;
  readonly version: string;
  readonly symbol: string;
}

/** A report with one of everything that `--dot` writes, and how many nodes that makes. */
function withStrings(
  plain: DependencyReport,
  some: Strings,
): { readonly drawn: DependencyReport; readonly nodes: number } {
  const file = `/file ${some.file}`;
  const object = `/object ${some.path}`;
  const drawn: DependencyReport = {
    ...plain,
    file,
    objects: plain.objects
      .slice(0, 1)
      .map((one) => ({ ...one, path: object, soname: some.path, requiredBy: [file] })),
    missing: [{ soname: some.missing, requiredBy: [object], searched: [] }],
    versionErrors: [
      {
        library: some.path,
        version: some.version,
        requiredBy: file,
        weak: false,
        path: object,
        symbols: [some.symbol],
      },
    ],
    symbolErrors: [{ symbol: some.symbol, version: some.version, requiredBy: object }],
    mixedGlibc: [],
  };
  return { drawn, nodes: 4 };
}
