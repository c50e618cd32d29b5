import { fail, ok, type Result } from '../../shared/error.ts';
import { TRACE_LIMIT_SECONDS } from '../../shared/trace.ts';
import type { Inspection } from '../engine/inspection.ts';
import type { JobContext } from '../engine/job.ts';
import type { ScanOutcome } from '../engine/pipeline.ts';
import type { EngineTask } from './engine-protocol.ts';

const methods = [
  'programs',
  'dependencies',
  'components',
  'processes',
  'matrix',
  'upgrade',
  'trace',
] as const;
export type InspectionTask = Extract<EngineTask, { method: (typeof methods)[number] }>;

export function isInspection(task: EngineTask): task is InspectionTask {
  return (methods as readonly string[]).includes(task.method);
}

/** Answers one question about the last scan, or about what runs now. */
export async function inspect(
  inspection: Inspection,
  scan: ScanOutcome | null,
  task: InspectionTask,
  job: JobContext,
): Promise<Result<unknown>> {
  if (task.method === 'processes') return inspection.processes(job);
  if (scan === null) return beforeTheFirstScan(task);
  switch (task.method) {
    case 'programs':
      return ok({ programs: inspection.programs(scan) });
    case 'dependencies':
      return inspection.dependencies(scan, task.id);
    case 'components':
      return ok({ report: inspection.components(scan) });
    case 'matrix':
      return ok({ report: inspection.matrix(scan) });
    case 'upgrade': {
      const compared = await inspection.upgrade(scan, task.target, job);
      return compared.ok ? ok({ report: compared.value }) : compared;
    }
    case 'trace': {
      const program = inspection.programs(scan).find(({ id }) => id === task.id);
      if (program === undefined || program.kind === 'module') {
        return fail('not-found', { path: task.id });
      }
      const args = task.arguments === 'version' ? ['--version'] : [];
      const request = {
        program: program.path,
        arguments: args,
        timeLimitMs: TRACE_LIMIT_SECONDS * 1000,
      };
      return inspection.trace(request, job);
    }
  }
}

function beforeTheFirstScan(task: InspectionTask): Result<unknown> {
  switch (task.method) {
    case 'programs':
      return ok({ programs: [] });
    case 'components':
    case 'matrix':
      return ok({ report: null });
    default:
      return fail('not-found', { path: 'id' in task ? task.id : '' });
  }
}
