import { basename, join } from 'node:path';
import type { ProbeData, ProbeProblem } from '../../../shared/snapshot.ts';
import { readGoProgramInfo, type GoProgramInfo } from '../elf/go-build-info.ts';
import { readElf } from '../elf/read.ts';
import { isProgram } from './expand.ts';
import type { Files } from './files.ts';
import { GO_TOOLS, goDirectories } from './go-locations.ts';
import { toolPackage } from './packages/dpkg-tool.ts';
import { pause } from './pause.ts';
import type { Probe } from './probe.ts';

type Tool = ProbeData<'go-tools'>['tools'][number];

/**
 * Go and the tools the Go extension uses, in the order in which it looks for
 * them, with the versions that the Go linker wrote into them, and behind these
 * those of their packages. Nothing is run.
 */
export const goToolsProbe: Probe<'go-tools'> = {
  id: 'go-tools',
  after: [],
  timeoutMs: 5_000,
  run: async ({ machine, files, signal }) => {
    const tools: Tool[] = [];
    const problems: ProbeProblem[] = [];
    const seen = new Set<string>();
    for (const directory of goDirectories(machine, files)) {
      await pause(signal);
      for (const name of GO_TOOLS) {
        const path = join(directory, name);
        if (!isProgram(path, files)) continue;
        const real = files.realPath(path);
        // One program under two paths is one tool, found where Go's extension finds it first.
        if (!real.ok || seen.has(`${name} ${real.value}`)) continue;
        seen.add(`${name} ${real.value}`);
        const tool = describe(name, directory, buildInfo(real.value, files, problems));
        // Only what the program does not say itself is asked of the package database.
        const stated = /^v\d/.test(tool.moduleVersion ?? '');
        const owner = stated ? null : toolPackage(name, real.value, machine.root, files);
        tools.push(owner === null ? tool : { ...tool, package: owner });
      }
    }
    return { status: problems.length === 0 ? 'ok' : 'partial', problems, data: { tools } };
  },
};

function describe(name: string, directory: string, info: GoProgramInfo | null): Tool {
  return {
    name,
    path: join(directory, name),
    goVersion: info?.version ?? null,
    module: textOrNull(info?.module),
    moduleVersion: textOrNull(info?.moduleVersion),
    reference: { kind: 'path', directory, name },
  };
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** Null for scripts (a wrapper in a tool's place) and for programs that Go did not build. */
function buildInfo(realPath: string, files: Files, problems: ProbeProblem[]): GoProgramInfo | null {
  const host = files.hostPath(realPath);
  const elf = readElf(host);
  if (!elf.ok) {
    if (elf.error.code === 'unreadable') {
      problems.push({ code: 'not-permitted', path: realPath, detail: basename(realPath) });
    }
    return null;
  }
  const info = readGoProgramInfo(host, elf.value);
  return info.ok ? info.value : null;
}
