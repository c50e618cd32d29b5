import { machine as hostMachineName, release } from 'node:os';
import type { ProbeData } from '../../../shared/snapshot.ts';
import { machineName } from '../elf/constants.ts';
import type { Probe } from './probe.ts';
import { problem } from './problems.ts';
import { witnessProgram } from './witness.ts';

type Architecture = ProbeData<'kernel'>['architecture'];

/**
 * The kernel's release and the architecture of the programs. For another root
 * the kernel that will run there is not known, and the architecture is read
 * from a program that every root has.
 */
export const kernelProbe: Probe<'kernel'> = {
  id: 'kernel',
  after: [],
  timeoutMs: 2_000,
  run: ({ machine, files }) => {
    if (machine.root === '/') {
      const name = hostMachineName();
      return Promise.resolve({
        status: 'ok',
        problems: [],
        data: { release: release(), architecture: architectureOf(name), machine: name },
      });
    }
    const witness = witnessProgram(files);
    if (witness === null) {
      const reason = problem('not-found', '/bin/sh', 'no ELF program');
      return Promise.resolve({ status: 'failed', problems: [reason], data: null });
    }
    const name = machineName(witness.machine);
    return Promise.resolve({
      status: 'ok',
      problems: [],
      data: { release: null, architecture: architectureOf(name), machine: name },
    });
  },
};

/** Devmend's word for a machine name of `uname -m` or of an ELF header. */
export function architectureOf(machine: string): Architecture {
  if (machine === 'x86_64' || machine === 'x86-64') return 'x86-64';
  if (machine === 'aarch64' || machine === 'arm64') return 'aarch64';
  return 'other';
}
