import { scanStatus } from './commands/scan.ts';
import { failWith, resultView, type CommandContext } from './context.ts';
import { startDesktop } from './desktop.ts';
import { exitStatus, type ExitStatus } from './exit-status.ts';
import { renderNextSteps, renderScan } from './render/scan.ts';
import { openSession, scan } from './session.ts';

/**
 * `devmend` without arguments: the window where the packaged app lies beside this
 * program and can be shown, else the wizard, else (nobody to ask) a scan in words
 * with the commands that come next.
 */
export async function startWithoutArguments(context: CommandContext): Promise<ExitStatus> {
  if (startDesktop()) return exitStatus.done;
  if (context.console.interactive && context.console.out.isTerminal) {
    const { runWizard } = await import('./wizard/wizard.ts');
    return runWizard(context);
  }
  const scanned = await scan(context, openSession(), {});
  if (!scanned.ok) return failWith(context, scanned.error);
  const { report } = scanned.value;
  const view = resultView(context);
  context.console.out.lines([
    ...renderScan(view, report),
    ...renderNextSteps(view, report, context.program),
  ]);
  return scanStatus(report);
}
