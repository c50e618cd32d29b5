import { useMemo } from 'react';
import type { Finding } from '../../../shared/finding.ts';
import { useApp, useWizard } from '../../state/window.tsx';

const none: readonly string[] = [];

/** Findings of the last scan, without those put away for good. */
export function useVisibleFindings(): readonly Finding[] {
  const report = useWizard((state) => state.scan.report);
  const dismissed = useApp((state) => state.settings?.dismissed ?? none);
  return useMemo(() => {
    const away = new Set(dismissed);
    return (report?.findings ?? []).filter((finding) => !away.has(finding.id));
  }, [report, dismissed]);
}

/** Findings of the last scan that were put away for good. */
export function useDismissedFindings(): readonly Finding[] {
  const report = useWizard((state) => state.scan.report);
  const dismissed = useApp((state) => state.settings?.dismissed ?? none);
  return useMemo(
    () => (report?.findings ?? []).filter((finding) => dismissed.includes(finding.id)),
    [report, dismissed],
  );
}
