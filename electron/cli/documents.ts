import { translate, translateError } from '../../shared/messages/translate.ts';
import type { ErrorData } from '../../shared/error.ts';
import type { Message } from '../../shared/message.ts';

/**
 * A document for `--json`: the same data with every message put into English
 * words, and every failure given its sentence beside its code. Programs that
 * read it do not depend on the language of whoever started them.
 */
export function worded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(worded);
  if (typeof value !== 'object' || value === null) return value;
  if (isMessage(value)) return translate('en', value);
  if (isError(value)) {
    return { code: value.code, params: value.params, message: translateError('en', value) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, worded(each)]));
}

/** The object of `--json` for an answer of the engine. */
export function answerDocument(thing: string, answer: object): object {
  const document = worded(answer);
  return { schema: `devmend.${thing}/1`, ...(document as object) };
}

function isMessage(value: object): value is Message {
  return hasExactly(value, ['key', 'params']) && 'key' in value && typeof value.key === 'string';
}

function isError(value: object): value is ErrorData {
  return hasExactly(value, ['code', 'correlationId', 'params']);
}

function hasExactly(value: object, keys: readonly string[]): boolean {
  return Object.keys(value).sort().join() === keys.join();
}
