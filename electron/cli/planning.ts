import { fail, ok, type ErrorData, type Result } from '../../shared/error.ts';
import type { Finding } from '../../shared/finding.ts';
import { message } from '../../shared/message.ts';
import type { PlanReview } from '../../shared/plan.ts';
import type { RepairRequest, ScanOutcome } from '../engine/pipeline.ts';
import { parseChoices } from './choices.ts';
import type { AnswerOptions, CommandContext } from './context.ts';
import { findFinding } from './find-finding.ts';
import { runJob, scan, type Session, type TargetOptions } from './session.ts';

export interface PlanOptions extends TargetOptions, AnswerOptions {
  readonly choice?: readonly string[];
  readonly repair?: string;
}

/** Scans, and works out one plan for a finding, or for every one that can be repaired. */
export async function planFor(
  context: CommandContext,
  session: Session,
  wanted: { readonly finding: string } | 'all',
  options: PlanOptions,
): Promise<Result<PlanReview, ErrorData>> {
  const choices = parseChoices(options.choice ?? []);
  if (!choices.ok) return choices;
  const scanned = await scan(context, session, options);
  if (!scanned.ok) return scanned;
  const findings = wantedFindings(scanned.value, wanted);
  if (!findings.ok) return findings;
  const requests = findings.value.map((finding) => ({
    finding: finding.id,
    repair: options.repair ?? null,
    choices: choices.value,
  }));
  return planRequests(context, session, scanned.value, requests, options);
}

/** Works out one plan for the requests, with progress. */
export function planRequests(
  context: CommandContext,
  session: Session,
  scanned: ScanOutcome,
  requests: readonly RepairRequest[],
  options: AnswerOptions,
): Promise<Result<PlanReview, ErrorData>> {
  return runJob(context, options, 'reading', (job) => {
    job.emit({ type: 'phase', phase: message('cli.plan.working') });
    return session.pipeline.plan(scanned, requests, job);
  });
}

/** Findings with at least one repair that can be done. */
export function repairable(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.repairs.some((repair) => repair.refused === null));
}

function wantedFindings(
  scanned: ScanOutcome,
  wanted: { readonly finding: string } | 'all',
): Result<readonly Finding[], ErrorData> {
  if (wanted !== 'all') {
    const finding = findFinding(scanned.report, wanted.finding);
    return finding.ok ? ok([finding.value]) : finding;
  }
  const findings = repairable(scanned.report.findings);
  return findings.length === 0 ? fail('nothing-to-repair') : ok(findings);
}
