import { hostname } from 'node:os';
import { redactSnapshot } from '../../engine/probes/redact.ts';
import { saveSnapshot } from '../../engine/probes/snapshot-text.ts';
import type { ScanReport } from '../../../shared/finding.ts';
import type { AnswerOptions, CommandContext } from '../context.ts';
import { failWith, resultView, sameTarget } from '../context.ts';
import { answerDocument } from '../documents.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { paragraph } from '../render/view.ts';
import { renderScan } from '../render/scan.ts';
import { openSession, readSnapshot, scan, writeText, type TargetOptions } from '../session.ts';

export interface ScanCommandOptions extends TargetOptions, AnswerOptions {
  readonly only?: readonly string[];
  readonly saveSnapshot?: string;
  readonly redact?: boolean;
  readonly snapshot?: string;
}

/** `devmend scan`: what is wrong, with its evidence. Changes nothing. */
export async function scanCommand(
  context: CommandContext,
  options: ScanCommandOptions,
): Promise<ExitStatus> {
  const replayed = options.snapshot === undefined ? null : await readSnapshot(options.snapshot);
  if (replayed !== null && !replayed.ok) return failWith(context, replayed.error, options);
  const { snapshot: _path, ...rest } = options;
  const outcome = await scan(context, openSession(options), {
    ...rest,
    ...(replayed === null ? {} : { snapshot: replayed.value }),
  });
  if (!outcome.ok) return failWith(context, outcome.error, options);
  const { report, snapshot } = outcome.value;
  if (options.saveSnapshot !== undefined) {
    const kept = options.redact ? redactSnapshot(snapshot, { host: hostname() }) : snapshot;
    const written = await writeText(options.saveSnapshot, saveSnapshot(kept));
    if (!written.ok) return failWith(context, written.error, options);
  }
  answer(context, options, report);
  return scanStatus(report);
}

/** 1 where something was found, whatever its severity. */
export function scanStatus(report: ScanReport): ExitStatus {
  return report.findings.length > 0 ? exitStatus.findings : exitStatus.done;
}

function answer(context: CommandContext, options: ScanCommandOptions, report: ScanReport): void {
  const { out, json } = context.console;
  if (options.json === true) {
    json(answerDocument('scan', report));
    return;
  }
  const view = resultView(context);
  out.lines(renderScan(view, report));
  if (options.saveSnapshot !== undefined) {
    out.lines(paragraph(view, 'cli.scan.snapshot-saved', { path: options.saveSnapshot }));
  }
  if (report.findings.length > 0) {
    out.lines(
      paragraph(view, 'cli.scan.explain-hint', {
        command: `${context.program} explain`,
        options: sameTarget(options),
      }),
    );
  }
}
