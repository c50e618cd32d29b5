import * as z from 'zod';
import type { DevmendBridge } from '../../shared/bridge.ts';
import {
  contract,
  type CallName,
  type Envelope,
  type InputOf,
  type OutputOf,
  type StreamName,
} from '../../shared/contract.ts';
import { errorDataSchema, fail, ok, type Result } from '../../shared/error.ts';
import { jobEventSchema, type JobProgress } from '../../shared/job.ts';

/** A job in progress, as the window holds it. */
export interface StreamHandle<N extends StreamName> {
  /** Settles once, after the last event; never rejects. */
  readonly result: Promise<Result<OutputOf<N>>>;
  /** Asks the job to stop; `result` then tells how it ended. May be called before the job has an id. */
  readonly cancel: () => void;
  /** Tells the sender that so many characters of output have been taken in. */
  readonly acknowledge: (characters: number) => void;
}

/** The contract as the window uses it: typed, validated, failures as values. */
export interface Client {
  call<N extends CallName>(name: N, input: InputOf<N>): Promise<Result<OutputOf<N>>>;
  stream<N extends StreamName>(
    name: N,
    input: InputOf<N>,
    onEvent: (event: JobProgress) => void,
  ): StreamHandle<N>;
}

const envelopeSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), data: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: errorDataSchema }),
]);
const startedSchema = z.strictObject({ job: z.string().min(1) });

/** An answer that does not fit the contract is a defect on our side, never the user's. */
function offContract(name: string) {
  return fail('internal', { detail: `unexpected answer to ${name}` });
}

async function ask<T>(
  name: string,
  schema: z.ZodType<T>,
  question: () => Promise<Envelope<unknown>>,
): Promise<Result<T>> {
  let raw: unknown;
  try {
    raw = await question();
  } catch {
    return offContract(name);
  }
  const envelope = envelopeSchema.safeParse(raw);
  if (!envelope.success) return offContract(name);
  if (!envelope.data.ok) return { ok: false, error: envelope.data.error };
  const data = schema.safeParse(envelope.data.data);
  return data.success ? ok(data.data) : offContract(name);
}

/** One running stream: numbers checked, every event parsed, one result. */
class RunningStream<N extends StreamName> implements StreamHandle<N> {
  readonly result: Promise<Result<OutputOf<N>>>;
  readonly #bridge: DevmendBridge;
  readonly #name: N;
  readonly #onEvent: (event: JobProgress) => void;
  #settle: (result: Result<OutputOf<N>>) => void = () => undefined;
  #settled = false;
  /** The job itself has said that it is done; nothing is left to be stopped. */
  #ended = false;
  #job: string | null = null;
  #next = 1;
  #cancelWanted = false;
  #unsent = 0;

  constructor(
    bridge: DevmendBridge,
    name: N,
    input: InputOf<N>,
    onEvent: (event: JobProgress) => void,
  ) {
    this.#bridge = bridge;
    this.#name = name;
    this.#onEvent = onEvent;
    this.result = new Promise((resolve) => {
      this.#settle = (result) => {
        if (this.#settled) return;
        this.#settled = true;
        resolve(result);
      };
    });
    void this.#start(input);
  }

  readonly cancel = (): void => {
    this.#cancelWanted = true;
    if (this.#job !== null && !this.#ended) {
      void this.#bridge.call('job.cancel', { job: this.#job });
    }
  };

  readonly acknowledge = (characters: number): void => {
    this.#unsent += characters;
    if (this.#job === null || this.#unsent === 0) return;
    this.#bridge.acknowledge(this.#job, this.#unsent);
    this.#unsent = 0;
  };

  async #start(input: InputOf<N>): Promise<void> {
    const started = await ask(this.#name, startedSchema, () =>
      this.#bridge.start(this.#name, input, (event) => this.#receive(event)),
    );
    if (!started.ok) {
      this.#settle(started);
      return;
    }
    this.#job = started.value.job;
    this.acknowledge(0);
    if (this.#cancelWanted) this.cancel();
  }

  #receive(raw: unknown): void {
    if (this.#settled) return;
    const parsed = jobEventSchema.safeParse(raw);
    if (!parsed.success || parsed.data.sequence !== this.#next) {
      this.cancel();
      this.#settle(offContract(this.#name));
      return;
    }
    this.#next += 1;
    const { event } = parsed.data;
    if (event.type !== 'done') {
      this.#onEvent(event);
      return;
    }
    this.#ended = true;
    if (!event.ok) {
      this.#settle({ ok: false, error: event.error });
      return;
    }
    const result = contract[this.#name].output.safeParse(event.result);
    this.#settle(result.success ? ok(result.data as OutputOf<N>) : offContract(this.#name));
  }
}

/** Wraps what the preload exposes (or the browser fake) into a typed {@link Client}. */
export function createClient(bridge: DevmendBridge): Client {
  return {
    call: (name, input) =>
      ask(name, contract[name].output as unknown as z.ZodType<OutputOf<typeof name>>, () =>
        bridge.call(name, input),
      ),
    stream: (name, input, onEvent) => new RunningStream(bridge, name, input, onEvent),
  };
}
