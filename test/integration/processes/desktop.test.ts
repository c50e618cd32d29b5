import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PRODUCT } from '../../fixtures/editor-tree.ts';
import { bench, compile, factsOf } from './bench.ts';

const here = bench();

/** Loads a module, and then writes a title over its arguments and variables, as Chromium does. */
const CHILD = `#include <dlfcn.h>
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(int count, char **words, char **variables) {
  char title[1000];
  if (count > 2 && *words[2] && dlopen(words[2], RTLD_NOW) == 0) { puts(dlerror()); return 1; }
  if (count > 3 && fork() == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); execl(words[3], "gopls", (char *)0); _exit(1); }
  if (count > 3) usleep(200000);
  snprintf(title, sizeof title, "%s%s%s", words[0], count > 1 ? " " : "", count > 1 ? words[1] : "");
  char *end = words[count - 1];
  for (char **one = variables; *one; one++) end = *one;
  end += strlen(end) + 1;
  if (count > 1) { memset(words[0], 0, end - words[0]); strncpy(words[0], title, end - words[0] - 1); }
  printf("%d\\n", getpid()); fflush(stdout); for (;;) pause();
}`;

describe('parts of a desktop editor', () => {
  let directory = '';
  const modules = 'resources/app/node_modules';
  beforeAll(() => {
    directory = here.path('editor');
    mkdirSync(join(directory, 'resources/app'), { recursive: true });
    writeFileSync(join(directory, 'resources/app/product.json'), JSON.stringify(PRODUCT));
    compile(CHILD, join(directory, 'code'));
  });
  const start = (...words: readonly string[]): Promise<number> =>
    here.start(join(directory, 'code'), words, {
      environment: { PADDING: 'x'.repeat(500), LD_BIND_NOW: '1' },
    });

  it('have roles though Chromium has written over their arguments and variables', async () => {
    expect((await factsOf(await start())).role).toBe('editor');
    const facts = await factsOf(await start('--type=gpu-process --no-sandbox'));
    expect(facts.role).toBe('other');
    expect(facts.command).toBe(`${join(directory, 'code')} --type=gpu-process --no-sandbox`);
  });

  it.each([
    ['node-pty/build/Release/pty.node', 'terminal-host'],
    ['@parcel/watcher/build/Release/watcher.node', 'file-watcher'],
    ['@vscode/spdlog/build/Release/spdlog.node', 'other'],
    ['native-watchdog/build/Release/watchdog.node', 'extension-host'],
    ['../extensions/git/dist/fast.node', 'extension-host'],
  ])('that have loaded %s: %s', async (name, role) => {
    const module = join(directory, modules, name);
    mkdirSync(dirname(module), { recursive: true });
    compile('int nothing;', module, '-shared', '-fPIC');
    const title = '--type=utility --utility-sub-type=node.mojom.NodeService --lang=en-US';
    expect((await factsOf(await start(title, module))).role).toBe(role);
  });

  it('that have started gopls themselves are the extension host', async () => {
    const gopls = here.path('tools/gopls');
    mkdirSync(dirname(gopls), { recursive: true });
    compile('#include <unistd.h>\nint main(void){for(;;)pause();}', gopls);
    const title = '--type=utility --utility-sub-type=node.mojom.NodeService --lang=en-US';
    expect((await factsOf(await start(title, '', gopls))).role).toBe('extension-host');
    expect((await factsOf(await start('--type=gpu-process', '', gopls))).role).toBe('other');
  });

  it('tell nobody the variables that they wrote over, and say so', async () => {
    expect((await factsOf(await start())).environment).toEqual({ LD_BIND_NOW: '1' });
    const facts = await factsOf(await start('--type=gpu-process --no-sandbox'));
    expect(facts).toMatchObject({ environment: null, status: 'read' });
  });
});
