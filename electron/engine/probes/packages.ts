import { join } from 'node:path';
import type { ProbeProblem } from '../../../shared/snapshot.ts';
import { machineName } from '../elf/constants.ts';
import { readLibcText } from '../elf/libc-text.ts';
import { readElf } from '../elf/read.ts';
import { aptCandidates } from './packages/apt-lists.ts';
import type { PackagedRoot, PackagesData, RuntimeFile } from './packages/model.ts';
import { readDatabase } from './packages/of-root.ts';
import { askRpm, hasRpm } from './packages/rpm.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { problem } from './problems.ts';
import { witnessProgram } from './witness.ts';

/**
 * What the distribution's package database says of the C and C++ runtime that
 * the loader takes, which other versions apt's lists offer, and what the libc
 * file says of itself. Databases are read, and only rpm's is asked for.
 */
export const packagesProbe: Probe<'packages'> = {
  id: 'packages',
  after: ['kernel', 'libc'],
  timeoutMs: 5_000,
  run: async (context) => {
    const runtime = runtimeFiles(context);
    const witness = witnessProgram(context.files);
    const root: PackagedRoot = {
      root: context.machine.root,
      files: context.files,
      machine: witness === null ? '' : machineName(witness.machine),
    };
    const { data, problems } = await packagesOf(root, runtime, context);
    return { status: problems.length === 0 ? 'ok' : 'partial', problems: [...problems], data };
  },
};

async function packagesOf(
  root: PackagedRoot,
  runtime: readonly RuntimeFile[],
  context: ProbeContext,
): Promise<{ data: PackagesData; problems: readonly ProbeProblem[] }> {
  const libcFile = libcFileOf(context);
  const database = readDatabase(root, runtime);
  if (database !== null) {
    const { manager, packages } = database;
    // What is installed counts even where the lists, the slow part, are not read to the end.
    context.partial({ manager, packages, candidates: [], libcFile });
    const { candidates, problems } =
      manager === 'dpkg'
        ? await aptCandidates(root, packages, context.signal)
        : { candidates: [], problems: [] };
    return { data: { manager, packages, candidates: [...candidates], libcFile }, problems };
  }
  if (!hasRpm(root.files)) {
    return { data: { manager: 'none', packages: [], candidates: [], libcFile }, problems: [] };
  }
  const answer =
    root.root === '/' ? await askRpm(context.machine, root.files, runtime, context.signal) : null;
  const packages = [...(answer?.packages ?? [])];
  const unowned = (answer?.unowned ?? []).map(({ soname, path }) => ({ library: soname, path }));
  return {
    data: { manager: 'rpm', packages, unowned, candidates: [], libcFile },
    problems:
      answer === null ? [problem('unsupported', '/var/lib/rpm', 'read by rpm itself only')] : [],
  };
}

/** The libraries whose packages are looked up, as the loader finds them. */
function runtimeFiles({ files, loader, result }: ProbeContext): readonly RuntimeFile[] {
  const libc = result('libc');
  const witness = witnessProgram(files);
  if (libc?.kind === 'musl' && libc.interpreter !== null) {
    const soname = libc.interpreter.slice(libc.interpreter.lastIndexOf('/') + 1);
    const musl = { soname, path: libc.interpreter };
    const others = ['libstdc++.so.6', 'libgcc_s.so.1'].flatMap((name) => {
      const real = files.realPath(join('/usr/lib', name));
      return real.ok ? [{ soname: name, path: real.value }] : [];
    });
    return [musl, ...others];
  }
  return ['libc.so.6', 'libstdc++.so.6', 'libgcc_s.so.1'].flatMap((soname) => {
    const path = witness === null ? null : loader.locate(soname, witness);
    return path === null ? [] : [{ soname, path }];
  });
}

function libcFileOf({ files, machine, result }: ProbeContext): PackagesData['libcFile'] {
  const libc = result('libc');
  const path = libc?.libc?.path ?? libc?.interpreter ?? null;
  if (path === null) return null;
  const elf = readElf(files.hostPath(path));
  return {
    path,
    ...readLibcText(machine.root, path),
    buildId: elf.ok ? elf.value.notes.buildId : null,
  };
}
