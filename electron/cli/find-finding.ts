import { fail, ok, type ErrorData, type Result } from '../../shared/error.ts';
import type { Finding, ScanReport } from '../../shared/finding.ts';

/** The finding with this id, or the only one whose id (or hash) begins with it. */
export function findFinding(report: ScanReport, id: string): Result<Finding, ErrorData> {
  const exact = report.findings.find((finding) => finding.id === id);
  if (exact !== undefined) return ok(exact);
  const candidates =
    id === ''
      ? []
      : report.findings.filter(
          (finding) =>
            finding.id.startsWith(id) || finding.id.slice(finding.check.length + 1).startsWith(id),
        );
  const [only, ...others] = candidates;
  if (only === undefined) return fail('finding-not-found', { id });
  if (others.length > 0) {
    return fail('finding-ambiguous', {
      id,
      candidates: candidates.map((finding) => finding.id).join(', '),
    });
  }
  return ok(only);
}
