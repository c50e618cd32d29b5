import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { subjectsOf } from '../../../electron/engine/inspect/matrix-rows.ts';
import { componentNeeds } from '../../../electron/engine/probes/component-needs.ts';
import { openFiles } from '../../../electron/engine/probes/files.ts';
import { snapshot, startingReport } from '../../fixtures/snapshots.ts';

it('a row of a module stands on all its needs, libgcc and lower versions too', () => {
  const work = mkdtempSync(join(tmpdir(), 'devmend-rows-'));
  try {
    const path = join(work, 'module.node');
    writeFileSync(
      join(work, 'module.c'),
      '#include <unwind.h>\n#include <stdlib.h>\n#include <pthread.h>\n' +
        'void *f(void *x){_Unwind_Backtrace(0,x);return realloc(x,1);}\n' +
        'int g(pthread_t *t){return pthread_create(t,0,f,0);}\n',
    );
    execFileSync('gcc', ['-shared', '-fPIC', '-o', path, join(work, 'module.c'), '-lgcc_s']);
    const report = startingReport(path, { interpreter: null, objects: [] });
    const base = snapshot([]);
    const component = {
      ...{ id: 'c', editorId: null, role: 'module' as const, name: 'module.node', path },
      ...{ realPath: path, loadedBy: '/usr/bin/code', foundBy: 'file' as const, extension: null },
      ...{ variant: 'loads' as const, report, problem: null },
      ...componentNeeds(path, report, openFiles('/')),
    };
    const components = { ...base.probes.components, data: { components: [component] } };
    const [subject] = subjectsOf({ ...base, probes: { ...base.probes, components } });
    const versions = subject?.needs?.map(({ version }) => version) ?? [];
    expect(versions.some((version) => version.startsWith('GCC_'))).toBe(true);
    expect(versions.filter((version) => version.startsWith('GLIBC_')).length).toBeGreaterThan(1);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
