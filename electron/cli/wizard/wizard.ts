import { resolve } from 'node:path';
import type { Finding } from '../../../shared/finding.ts';
import type { RepairRequest, ScanOutcome } from '../../engine/pipeline.ts';
import { VERSION } from '../../engine/version.ts';
import { ask, InputEnded, Interrupted } from '../confirm.ts';
import { errorView, failWith, resultView, type CommandContext } from '../context.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { renderEvidence } from '../render/chain.ts';
import { findingDetail, findingEntry } from '../render/finding.ts';
import { startedPrograms } from '../render/outcome.ts';
import { renderMachine, renderUnchecked } from '../render/scan.ts';
import { moment, narrower, paragraph, put, say, type View } from '../render/view.ts';
import { repairable } from '../planning.ts';
import { openSession, scan } from '../session.ts';
import { historyMenu } from './history-menu.ts';
import { offerRecovery } from './recovery.ts';
import { repairStep } from './repair-step.ts';
import { Leave, type Wizard } from './stage.ts';
import { parseFindingsInput, parseNumber, stepLine } from './steps.ts';

/** The guided repair in a terminal: scan, findings, plan, repair, done; and the history. */
export async function runWizard(context: CommandContext): Promise<ExitStatus> {
  const wizard = createWizard(context);
  wizard.show([wizard.view.style.heading(`Devmend ${VERSION}`), '']);
  try {
    await offerRecovery(wizard);
    return await findingsLoop(wizard);
  } catch (error) {
    if (error instanceof Leave) return error.status;
    if (error instanceof InputEnded) return exitStatus.done;
    if (!(error instanceof Interrupted)) throw error;
    context.console.err.lines(['', say(errorView(context), 'cli.wizard.interrupted')]);
    return exitStatus.cancelled;
  }
}

function createWizard(context: CommandContext): Wizard {
  const view = resultView(context);
  const show = context.console.out.lines;
  return {
    context,
    session: openSession(),
    view,
    show,
    step: (step) => show(['', ...stepLine(view, step).split('\n'), '']),
    tell: (error) => failWith(context, error),
  };
}

async function findingsLoop(wizard: Wizard): Promise<ExitStatus> {
  const added: string[] = [];
  for (;;) {
    const scanned = await scanStep(wizard, added);
    for (;;) {
      const next = await findingsStep(wizard, scanned, added);
      if (next === 'leave') return exitStatus.done;
      if (next === 'scan') break;
    }
  }
}

async function scanStep(wizard: Wizard, programs: readonly string[]): Promise<ScanOutcome> {
  wizard.step('scan');
  const scanned = await scan(wizard.context, wizard.session, { program: programs });
  if (!scanned.ok) throw new Leave(wizard.tell(scanned.error));
  const { report } = scanned.value;
  const { view } = wizard;
  wizard.step('findings');
  wizard.show([
    ...renderMachine(view, report),
    '',
    ...report.findings.flatMap((finding, index) => [...listed(view, finding, index + 1), '']),
    ...renderUnchecked(view, report.unchecked),
    ...(report.findings.length > 0
      ? []
      : [
          ...paragraph(
            view,
            report.unchecked.length === 0 ? 'cli.scan.clear' : 'cli.scan.clear-as-far',
            { at: moment(view, report.takenAt) },
          ),
          '',
        ]),
  ]);
  return scanned.value;
}

function listed(view: View, finding: Finding, number: number): readonly string[] {
  return [
    ...findingEntry(view, finding, `${number}  `),
    ...finding.evidence.flatMap((evidence) =>
      renderEvidence(narrower(view, 3), evidence).map((line) => `   ${line}`),
    ),
  ];
}

async function findingsStep(
  wizard: Wizard,
  scanned: ScanOutcome,
  added: string[],
): Promise<'scan' | 'stay' | 'leave'> {
  const { findings } = scanned.report;
  const { view } = wizard;
  wizard.show(menu(view, findings.length, repairable(findings).length));
  const input = parseFindingsInput(await ask(prompt(wizard)), findings.length);
  switch (input.kind) {
    case 'all':
      return repairAll(wizard, scanned, repairable(findings), added);
    case 'repair':
      return repairAll(
        wizard,
        scanned,
        findings.filter((_, index) => input.numbers.includes(index + 1)),
        added,
      );
    case 'explain': {
      const finding = findings[input.number - 1];
      if (finding !== undefined) wizard.show(['', ...findingDetail(view, finding), '']);
      return 'stay';
    }
    case 'add':
      added.push(input.path);
      return 'scan';
    case 'scan':
    case 'leave':
      return input.kind;
    case 'history':
      return (await historyMenu(wizard)) ? 'scan' : 'stay';
    case 'again':
      return 'stay';
    case 'unclear':
      wizard.show(paragraph(view, 'cli.wizard.unclear', { text: input.text }));
      return 'stay';
  }
}

function menu(view: View, findings: number, repairs: number): readonly string[] {
  return [
    ...(repairs === 0
      ? []
      : [
          say(view, 'cli.wizard.menu.repair'),
          say(view, 'cli.wizard.menu.all', { count: repairs }),
        ]),
    ...(findings === 0 ? [] : [say(view, 'cli.wizard.menu.explain')]),
    say(view, 'cli.wizard.menu.add'),
    say(view, 'cli.wizard.menu.scan'),
    say(view, 'cli.wizard.menu.history'),
    say(view, 'cli.wizard.menu.leave'),
  ];
}

/** The mark at which the wizard waits. */
export function prompt(wizard: Wizard): string {
  return `${wizard.view.style.accent('>')} `;
}

async function repairAll(
  wizard: Wizard,
  scanned: ScanOutcome,
  findings: readonly Finding[],
  added: string[],
): Promise<'scan' | 'stay'> {
  const possible = repairable(findings);
  for (const finding of findings.filter((each) => !possible.includes(each))) {
    wizard.show(
      paragraph(wizard.view, 'cli.wizard.no-repair', { title: put(wizard.view, finding.title) }),
    );
  }
  if (possible.length === 0) return 'stay';
  const requests: RepairRequest[] = [];
  for (const finding of possible) {
    requests.push({
      finding: finding.id,
      repair: await chooseRepair(wizard, finding),
      choices: {},
    });
  }
  const applied = await repairStep(wizard, scanned, requests);
  if (applied === null) return 'stay';
  // A program that was added here is looked at where it works now.
  const repaired = possible.flatMap((finding) => finding.affected.slice(0, 1));
  const others = added.filter((path) => !repaired.includes(resolve(path)));
  if (others.length < added.length)
    added.splice(0, added.length, ...others, ...startedPrograms(applied));
  return 'scan';
}

/** Null for the recommended one; asks only where there are several. */
async function chooseRepair(wizard: Wizard, finding: Finding): Promise<string | null> {
  const offered = finding.repairs.filter((repair) => repair.refused === null);
  if (offered.length < 2) return null;
  const { view } = wizard;
  wizard.show([
    '',
    view.style.strong(put(view, finding.title)),
    ...offered.map((repair, index) => {
      const mark = repair.recommended ? ` (${say(view, 'cli.repair.recommended')})` : '';
      return `  ${index + 1}  ${put(view, repair.title)}${mark}`;
    }),
  ]);
  const answer = await ask(say(view, 'cli.wizard.which-repair'));
  return offered[(parseNumber(answer, offered.length) ?? 0) - 1]?.repair ?? null;
}
