import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { glibcBoundary } from '../../../electron/engine/checks/glibc-boundary.ts';
import { hostMachine } from '../../../electron/engine/host.ts';
import { componentNeeds } from '../../../electron/engine/probes/component-needs.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { runProbes } from '../../../electron/engine/probes/run.ts';
import type { Finding } from '../../../shared/finding.ts';
import { catalogs } from '../../../shared/messages/catalogs.ts';
import type { Snapshot } from '../../../shared/snapshot.ts';
import { startingReport } from '../../fixtures/snapshots.ts';
import { buildNewerProgram } from '../../fixtures/needs-newer-glibc.ts';

const work = fs.mkdtempSync(join(tmpdir(), 'devmend-boundary-'));
const at = (name: string): string => join(work, name);
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

const interpreter =
  process.arch === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';
let snapshot: Snapshot;

function compile(name: string, source: string, ...options: readonly string[]): void {
  fs.writeFileSync(at(`${name}.c`), source);
  execFileSync('gcc', ['-o', at(name), at(`${name}.c`), ...options]);
}

beforeAll(async () => {
  const main = 'int main(void){return 0;}\n';
  compile('plain', main);
  compile(
    'private',
    `void __libc_dynarray_at_failure(unsigned long,unsigned long);\nint main(int n,char**v){if(n>9)__libc_dynarray_at_failure(1,2);return 0;}\n`,
  );
  const own = at(basename(interpreter));
  fs.copyFileSync(interpreter, own);
  fs.chmodSync(own, 0o755);
  compile('pinned', main, `-Wl,--dynamic-linker=${own}`);
  compile('module.node', 'void *f(void){return f;}\n', '-shared', '-fPIC');
  const thread =
    '#include <pthread.h>\nint g(pthread_t*t,void*(*f)(void*)){return pthread_create(t,0,f,0);}\n';
  compile('threads.node', thread, '-shared', '-fPIC');
  buildNewerProgram(at('newer'), 'newer');
  const programs = ['plain', 'private', 'pinned', 'newer'].map(at);
  const job = { emit: (): void => undefined, signal: new AbortController().signal };
  const options = { programs, only: ['packages', 'programs'] as const };
  const taken = await runProbes(hostMachine({ home: work }), options, job);
  const path = at('threads.node');
  const report = startingReport(path, { interpreter: null, objects: [] });
  const component = {
    ...{ id: 'c', editorId: null, role: 'terminal' as const, name: 'threads.node', path },
    ...{ realPath: path, loadedBy: '/usr/bin/code', foundBy: 'file' as const, extension: null },
    ...{ variant: 'loads' as const, report, problem: null },
    ...componentNeeds(path, report, openFiles('/')),
  };
  const components = { ...taken.probes.components, data: { components: [component] } };
  snapshot = { ...taken, probes: { ...taken.probes, components } };
}, 120_000);

/** Findings for one candidate, looking at the programs of this test only. */
function offered(version: string, direction: 'upgrade' | 'downgrade', only?: readonly string[]) {
  const { packages, programs } = snapshot.probes;
  if (packages.data === null || programs.data === null) throw new Error('no answer');
  const candidates = ['one', 'two'].map((origin) => ({
    name: 'libc6',
    version,
    origin,
    direction,
  }));
  const own = programs.data.programs.filter(
    ({ path, name }) => path.startsWith(work) && (only?.includes(name) ?? true),
  );
  const probes = {
    ...snapshot.probes,
    packages: { ...packages, data: { ...packages.data, candidates } },
    programs: { ...programs, data: { programs: own } },
  };
  const { findings } = glibcBoundary.run({ ...snapshot, probes });
  for (const one of findings) {
    for (const { key } of [one.title, one.summary, one.headline, one.impact]) {
      expect(catalogs.en).toHaveProperty([key]);
      expect(catalogs['zh-CN']).toHaveProperty([key]);
    }
  }
  return findings;
}

const values = (finding: Omit<Finding, 'repairs'> | undefined): string =>
  (finding?.evidence ?? []).map((one) => (one.kind === 'measured' ? one.value : '')).join('\n');

describe('another glibc on offer, judged by real files', () => {
  it('a downgrade names program and symbol, and the modules that editors load', () => {
    const [finding, ...more] = offered('2.31-13+deb11u11', 'downgrade');
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'warning',
      summary: { key: 'check.boundary.summary' },
    });
    expect(finding?.affected).toContain(at('plain'));
    expect(finding?.affected).toContain(at('threads.node'));
    expect(values(finding)).toContain('__libc_start_main');
    expect(values(finding)).toContain('pthread_create');
    expect(finding?.title.params['candidate']).toBe('2.31-13+deb11u11');
  });

  it('an update would stop what uses GLIBC_PRIVATE or has a loader of its own', () => {
    const [finding] = offered('2.99-1', 'upgrade');
    expect(finding).toMatchObject({
      severity: 'warning',
      summary: { key: 'check.boundary.summary.tied', params: { program: 'private' } },
    });
    expect(finding?.affected).toEqual([at('private'), at('pinned')]);
    expect(values(finding)).toContain('GLIBC_PRIVATE __libc_dynarray_at_failure');
    expect(values(finding)).toContain(basename(interpreter));
    const [mixed] = offered('2.99-1', 'upgrade', ['pinned']);
    expect(mixed?.summary.key).toBe('check.boundary.summary.mixed');
  });

  it('an update that lets a program start is told as such, with what it lacks today', () => {
    const [finding] = offered('2.41-12', 'upgrade', ['newer', 'plain']);
    expect(finding).toMatchObject({
      severity: 'info',
      summary: {
        key: 'check.boundary.summary.starts',
        params: { program: 'newer', what: 'strlcpy@GLIBC_2.38' },
      },
      affected: [at('newer')],
    });
    expect(offered('2.37-1', 'upgrade', ['newer', 'plain'])).toEqual([]);
  });

  it('another build of the present release changes nothing', () => {
    const release = snapshot.probes.packages.data?.libcFile?.release ?? '';
    expect(offered(`${release}-99`, 'upgrade', ['plain', 'private', 'pinned'])).toEqual([]);
  });
});
