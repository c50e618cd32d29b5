import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Envelope } from '../../shared/contract.ts';
import { DevmendError, fail, type ErrorData, type Result } from '../../shared/error.ts';

/** Where failures are written down; never shown to the window. */
export type FailureLog = (entry: {
  readonly correlationId: string;
  readonly where: string;
  readonly error: unknown;
}) => void;

/**
 * Runs `work`, checks what it answers against `schema` and turns the outcome into
 * an envelope. A thrown error, or an answer that is not what the contract says,
 * becomes `internal`; its stack goes to the log under the correlation id.
 */
export async function envelope<T>(
  where: string,
  schema: z.ZodType<T>,
  log: FailureLog,
  work: () => Promise<Result<unknown>> | Result<unknown>,
): Promise<Envelope<T>> {
  try {
    const result = await work();
    if (!result.ok) return { ok: false, error: reported(result.error, where, log) };
    const checked = schema.safeParse(result.value);
    if (checked.success) return { ok: true, data: checked.data };
    return { ok: false, error: unexpected(checked.error, where, log) };
  } catch (error) {
    if (error instanceof DevmendError) {
      return { ok: false, error: reported(error.data, where, log) };
    }
    return { ok: false, error: unexpected(error, where, log) };
  }
}

/** Refuses a message that did not pass the gate; `reason` is for the log. */
export function refusal(where: string, reason: string, log: FailureLog): Envelope<never> {
  const { error } = fail('bad-request', { detail: where });
  return { ok: false, error: reported(error, `${where}: ${reason}`, log) };
}

function reported(error: ErrorData, where: string, log: FailureLog): ErrorData {
  const correlationId = error.correlationId || randomUUID();
  log({ correlationId, where, error: `${error.code} ${JSON.stringify(error.params)}` });
  return { ...error, correlationId };
}

function unexpected(error: unknown, where: string, log: FailureLog): ErrorData {
  const correlationId = randomUUID();
  log({ correlationId, where, error });
  return { code: 'internal', params: { detail: correlationId }, correlationId };
}
