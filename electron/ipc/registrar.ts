import {
  contract,
  MESSAGE_LIMIT,
  type CallName,
  type ChannelName,
  type Contract,
  type Envelope,
  type OutputOf,
  type StreamName,
} from '../../shared/contract.ts';
import type { z } from 'zod';
import type { Result } from '../../shared/error.ts';
import { channelOf } from '../../shared/bridge.ts';
import { envelope, refusal, type FailureLog } from './envelope.ts';
import type { JobPort, Jobs, StreamContext } from './jobs.ts';

/** Input as a handler gets it: parsed, defaults filled in. */
type ParsedInput<N extends ChannelName> = z.output<Contract[N]['input']>;

type Answer<T> = Promise<Result<T>> | Result<T>;

export type CallHandlers = {
  readonly [N in CallName]: (input: ParsedInput<N>) => Answer<OutputOf<N>>;
};
export type StreamHandlers = {
  readonly [N in StreamName]: {
    readonly whenAbandoned: 'cancel' | 'finish';
    readonly run: (input: ParsedInput<N>, context: StreamContext) => Answer<OutputOf<N>>;
  };
};

/** What the gate looks at of the frame a message comes from; null when it is gone already. */
export type SenderFrame = { readonly url: string; readonly parent: unknown } | null;

/** What the gate looks at of a message's event. */
export interface MessageEventLike {
  readonly senderFrame: SenderFrame;
  readonly ports?: readonly JobPort[];
}

/** The part of `ipcMain` that is used. */
export interface MessageReceiver {
  handle(
    channel: string,
    listener: (event: MessageEventLike, ...args: unknown[]) => Promise<unknown>,
  ): void;
  on(channel: string, listener: (event: MessageEventLike, ...args: unknown[]) => void): unknown;
}

export interface RegistrarOptions {
  readonly receiver: MessageReceiver;
  readonly calls: CallHandlers;
  readonly streams: StreamHandlers;
  readonly jobs: Jobs;
  readonly isTrusted: (frame: SenderFrame) => boolean;
  readonly log: FailureLog;
}

/** Registers every channel of the contract, and none besides. */
export function registerContract(options: RegistrarOptions): void {
  for (const name of Object.keys(contract) as ChannelName[]) {
    if (contract[name].kind === 'call') registerCall(name as CallName, options);
    else registerStream(name as StreamName, options);
  }
}

function registerCall<N extends CallName>(name: N, options: RegistrarOptions): void {
  const handler = options.calls[name] as (input: unknown) => Answer<unknown>;
  options.receiver.handle(channelOf(name), async (event, ...args) => {
    const input = admit(name, event, args, options);
    if (!input.ok) return input;
    const schema: z.ZodType<unknown> = contract[name].output;
    return envelope(name, schema, options.log, () => handler(input.data));
  });
}

/**
 * A stream's first message carries the port on which everything else goes:
 * the envelope with the job's id first, then the numbered events.
 */
function registerStream<N extends StreamName>(name: N, options: RegistrarOptions): void {
  const handler = options.streams[name];
  const run = handler.run as (input: unknown, context: StreamContext) => Answer<unknown>;
  options.receiver.on(channelOf(name), (event, ...args) => {
    const port = event.ports?.[0];
    if (!port) {
      refusal(name, 'no port', options.log);
      return;
    }
    const input = admit(name, event, args, options);
    if (!input.ok) {
      port.postMessage(input);
      return;
    }
    const schema: z.ZodType<unknown> = contract[name].output;
    const id = options.jobs.start({
      name,
      port,
      whenAbandoned: handler.whenAbandoned,
      work: (context) => envelope(name, schema, options.log, () => run(input.data, context)),
    });
    port.postMessage(
      id === null
        ? refusal(name, 'too many jobs', options.log)
        : ({ ok: true, data: { job: id } } satisfies Envelope<{ job: string }>),
    );
  });
}

/** The gate: sender, number of arguments, size, schema. */
function admit(
  name: ChannelName,
  event: MessageEventLike,
  args: readonly unknown[],
  options: RegistrarOptions,
): Envelope<unknown> {
  const refuse = (reason: string): Envelope<never> => refusal(name, reason, options.log);
  if (!options.isTrusted(event.senderFrame)) return refuse('sender is not trusted');
  if (args.length !== 1) return refuse('exactly one argument expected');
  if (!withinLimit(args[0])) return refuse('too large, or not plain data');
  const parsed = contract[name].input.safeParse(args[0]);
  if (!parsed.success) return refuse(parsed.error.issues.map((issue) => issue.code).join(', '));
  return { ok: true, data: parsed.data };
}

/**
 * Whether a message is plain data, and its JSON no longer than the limit allows. Counted
 * while walking: the structured clone passes lists of four thousand million holes and
 * objects that hold each other over and over, which must not be written out first.
 */
export function withinLimit(input: unknown): boolean {
  let left = MESSAGE_LIMIT;
  const fits = (value: unknown): boolean => {
    if (value === undefined) return left >= 0;
    if (typeof value === 'string') left -= value.length + 2;
    else if (typeof value !== 'object' || value === null) left -= 1;
    else if (Array.isArray(value)) {
      left -= value.length + 2;
      return left >= 0 && value.every(fits);
    } else if (Object.getPrototypeOf(value) === Object.prototype) {
      left -= 2;
      return Object.entries(value).every(([key, each]) => fits(key) && fits(each));
    } else return false; // A map or a date looks like an empty object to a schema.
    return left >= 0 && isJsonValue(value);
  };
  try {
    return input !== undefined && fits(input);
  } catch {
    // Nested beyond the stack.
    return false;
  }
}

function isJsonValue(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
