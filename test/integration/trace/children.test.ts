import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bench, compile, kinds, traced } from './bench.ts';

const here = bench();

function script(name: string, text: string): string {
  writeFileSync(here.path(name), text);
  chmodSync(here.path(name), 0o755);
  return here.path(name);
}

describe('a program', () => {
  it('whose child no longer has a reader is well; one whose child crashes is not', async () => {
    const report = await traced(script('pipe', '#!/bin/sh\nyes | head -1\n'));
    expect(kinds(report)).toEqual(['all-well']);
    const crash = await traced(
      script('crashing', '#!/bin/sh\nsh -c "kill -SEGV \\$\\$"\nexit 0\n'),
    );
    expect(kinds(crash)).toContain('killed-by-signal');
  });

  it('that is started by a thread, after one that was not there, is what its process runs', async () => {
    const code = `#include <pthread.h>
#include <unistd.h>
static void *run(void *words) { execv("/no/such", words); execv("/bin/true", words); return 0; }
int main(void) {
  char *words[] = {"true", 0}; pthread_t thread;
  pthread_create(&thread, 0, run, words); pthread_join(thread, 0); return 9;
}`;
    compile(code, here.path('threads'), '-pthread');
    const report = await traced(here.path('threads'));
    expect(kinds(report)).toEqual(['all-well']);
    expect(report.processes.map(({ program }) => program)).toEqual(['/bin/true']);
  });
});
