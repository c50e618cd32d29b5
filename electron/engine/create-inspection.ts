import { compareLibc } from './inspect/libc-change.ts';
import { componentsOf } from './inspect/components.ts';
import { matrixOf } from './inspect/matrix.ts';
import { dependenciesOf, knownPrograms } from './inspect/programs.ts';
import type { Inspection } from './inspection.ts';
import type { Machine } from './machine.ts';
import { inspectProcesses } from './processes/inspect.ts';
import { traceLaunch } from './trace/trace.ts';

/** Looking without repairing, on a machine. It keeps nothing between calls. */
export function createInspection(machine: Machine): Inspection {
  return {
    programs: ({ snapshot }) => knownPrograms(snapshot),
    dependencies: ({ snapshot }, id) => dependenciesOf(machine, snapshot, id),
    components: (scan) => componentsOf(scan),
    matrix: ({ snapshot }) => matrixOf(snapshot),
    upgrade: ({ snapshot }, target, job) => compareLibc(machine, snapshot, target, job),
    processes: (job, options) => inspectProcesses(machine, job, options),
    trace: (request, job) => traceLaunch(machine, request, job),
  };
}
