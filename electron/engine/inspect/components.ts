import type { ComponentReport } from '../../../shared/component.ts';
import type { ScanOutcome } from '../pipeline.ts';

/** Components by editor, worst first. */
export function componentsOf({ snapshot }: ScanOutcome): ComponentReport {
  const highest = snapshot.probes.libc.data?.libc?.highest ?? {};
  return { schema: 'devmend.components/1', groups: [], present: highest };
}
