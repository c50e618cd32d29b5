import type { ErrorData, Result } from '../../../shared/error.ts';
import type { TransactionOutcome, UndoPreview } from '../../../shared/history.ts';
import type { JobContext } from '../../engine/job.ts';
import type { ConflictChoice } from '../../engine/pipeline.ts';
import { journalRoot } from '../../engine/journal/store.ts';
import { ask } from '../confirm.ts';
import { tellOutcome } from '../outcome.ts';
import {
  conflictingPaths,
  historyEntry,
  renderTransaction,
  renderUndoPreview,
} from '../render/history.ts';
import { paragraph, say } from '../render/view.ts';
import { runJob } from '../session.ts';
import { parseNumber } from './steps.ts';
import { agrees, leaveWhenCancelled, type Wizard } from './stage.ts';

/** So many entries are offered by number; older ones are reached by their id. */
const SCREENFUL = 50;

/** The history with undo and redo. Answers whether something was changed. */
export async function historyMenu(wizard: Wizard): Promise<boolean> {
  const { session, view } = wizard;
  let changed = false;
  for (;;) {
    const history = await session.pipeline.historyPage({ limit: SCREENFUL });
    if (!history.ok) {
      wizard.tell(history.error);
      return changed;
    }
    wizard.show(['', view.style.heading(say(view, 'cli.history.heading'))]);
    const { transactions, matching } = history.value;
    if (transactions.length === 0) {
      wizard.show(paragraph(view, 'cli.history.empty'));
      return changed;
    }
    wizard.show(
      transactions.flatMap((transaction, index) =>
        historyEntry(view, transaction, `${index + 1}  `, journalRoot(session.machine)),
      ),
    );
    if (matching > transactions.length)
      wizard.show(
        paragraph(view, 'cli.history.more', {
          count: matching - transactions.length,
          option: `"${wizard.context.program} history --limit ${matching}"`,
        }),
      );
    const number = parseNumber(
      await ask(say(view, 'cli.wizard.which-transaction')),
      transactions.length,
    );
    const chosen = transactions[(number ?? 0) - 1];
    if (chosen === undefined) return changed;
    if (await transactionMenu(wizard, chosen.id)) changed = true;
  }
}

async function transactionMenu(wizard: Wizard, id: string): Promise<boolean> {
  const { session, view } = wizard;
  const detail = await session.pipeline.show(id);
  if (!detail.ok) {
    wizard.tell(detail.error);
    return false;
  }
  wizard.show(['', ...renderTransaction(view, detail.value, journalRoot(session.machine))]);
  if (detail.value.canUndo) return undo(wizard, id);
  if (detail.value.canRedo && (await agrees(say(view, 'cli.wizard.redo-question')))) {
    return run(wizard, { type: 'redo', of: id }, (job) => session.pipeline.redo(id, job));
  }
  return false;
}

/** Shows the undo's own diff before it asks. */
async function undo(wizard: Wizard, id: string): Promise<boolean> {
  const { session, view } = wizard;
  const answer = await session.pipeline.undoPreview(id);
  if (!answer.ok) {
    wizard.tell(answer.error);
    return false;
  }
  const preview = answer.value;
  wizard.show(['', ...renderUndoPreview(view, preview), '']);
  if (preview.later.length > 0) return false;
  const choice = await undoDecision(wizard, preview);
  if (choice === null) {
    wizard.show(paragraph(view, 'cli.nothing-changed'));
    return false;
  }
  return run(wizard, { type: 'undo', of: id }, (job) => session.pipeline.undo(id, choice, job));
}

/** Null: leave everything as it is. */
async function undoDecision(wizard: Wizard, preview: UndoPreview): Promise<ConflictChoice | null> {
  const { view } = wizard;
  if (conflictingPaths(preview).length === 0) {
    if (!preview.possible) {
      if (preview.reason !== null) wizard.tell(preview.reason);
      return null;
    }
    return (await agrees(say(view, 'cli.undo.question'))) ? 'stop' : null;
  }
  wizard.show([
    ...paragraph(view, 'cli.undo.options'),
    ...paragraph(view, 'cli.wizard.conflict.keep', {}, '  '),
    ...paragraph(view, 'cli.wizard.conflict.restore', {}, '  '),
    ...paragraph(view, 'cli.wizard.conflict.stop', {}, '  '),
  ]);
  const answer = (await ask('> ')).trim().toLowerCase();
  if (answer === 'k') return 'keep';
  return answer === 'r' ? 'restore' : null;
}

async function run(
  wizard: Wizard,
  deed: { readonly type: 'undo' | 'redo'; readonly of: string },
  work: (job: JobContext) => Promise<Result<TransactionOutcome, ErrorData>>,
): Promise<boolean> {
  const outcome = await runJob(wizard.context, {}, 'writing', work);
  const { program } = wizard.context;
  leaveWhenCancelled(tellOutcome(wizard.context, {}, outcome, { ...deed, program }));
  return outcome.ok && outcome.value.failure === null;
}
