import type { ErrorData } from '../../../shared/error.ts';
import { ask, isYes } from '../confirm.ts';
import type { CommandContext } from '../context.ts';
import { exitStatus, type ExitStatus } from '../exit-status.ts';
import type { View } from '../render/view.ts';
import type { Session } from '../session.ts';
import type { Step } from './steps.ts';

/** What the wizard's parts share. */
export interface Wizard {
  readonly context: CommandContext;
  readonly session: Session;
  readonly view: View;
  readonly show: (lines: readonly string[]) => void;
  readonly step: (step: Step) => void;
  readonly tell: (error: ErrorData) => ExitStatus;
}

/** Thrown by a part to leave the wizard from any depth. */
export class Leave extends Error {
  readonly status: ExitStatus;
  constructor(status: ExitStatus) {
    super('leave');
    this.status = status;
  }
}

/** Somebody who stopped the work wants to be out, not in a menu. */
export function leaveWhenCancelled(status: ExitStatus): void {
  if (status === exitStatus.cancelled) throw new Leave(status);
}

/** A yes-or-no question; anything but yes is no. */
export async function agrees(question: string): Promise<boolean> {
  return isYes(await ask(`${question} [y/N] `));
}
