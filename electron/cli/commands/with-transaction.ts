import { failWith, type AnswerOptions, type CommandContext } from '../context.ts';
import type { ExitStatus } from '../exit-status.ts';
import { openSession, type Session } from '../session.ts';
import { findTransaction } from './history.ts';

/** Does something with the entry of the history that a person named; an unknown one is said to be. */
export async function withTransaction(
  context: CommandContext,
  given: string,
  options: AnswerOptions,
  act: (session: Session, id: string) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const session = openSession();
  const id = await findTransaction(session, given);
  return id.ok ? await act(session, id.value) : failWith(context, id.error, options);
}
