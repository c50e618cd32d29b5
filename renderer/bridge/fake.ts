import type { DevmendBridge } from '../../shared/bridge.ts';
import {
  contract,
  type CallName,
  type ChannelName,
  type Envelope,
  type StreamName,
} from '../../shared/contract.ts';
import type { JobEvent } from '../../shared/job.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Job } from './fake-job.ts';
import { FakeMachine } from './fake-machine.ts';
import type { Scenario } from './scenarios/index.ts';

export interface FakeOptions {
  /** Milliseconds between two events of a job. */
  readonly pace?: number;
  readonly settings?: Partial<Settings>;
  readonly desktopLanguage?: 'en' | 'zh-CN';
}

/** Events in a row when there is to be no pause between them. */
const UNPACED = 20;

/**
 * The contract without Devmend behind it, for a plain browser and for tests of
 * components. Inputs are checked as the main process checks them.
 */
export class FakeBridge implements DevmendBridge {
  /** Everything asked, for tests. */
  readonly asked: { readonly name: string; readonly input: unknown }[] = [];
  /** Characters acknowledged, by job. */
  readonly acknowledged = new Map<string, number>();
  readonly #machine: FakeMachine;
  readonly #pace: number;
  readonly #cancelled = new Set<string>();
  #jobs = 0;

  constructor(scenario: Scenario, options: FakeOptions = {}) {
    this.#pace = options.pace ?? 0;
    this.#machine = new FakeMachine(
      scenario,
      options.settings ?? {},
      options.desktopLanguage ?? 'en',
    );
  }

  async call(name: string, input: unknown): Promise<Envelope<unknown>> {
    this.asked.push({ name, input });
    await Promise.resolve();
    if (!isAcceptable(name, 'call', input)) return badRequest(name);
    if (name === 'job.cancel') {
      this.#cancelled.add(contract['job.cancel'].input.parse(input).job);
    }
    return this.#machine.answer(name as CallName, input);
  }

  async start(
    name: string,
    input: unknown,
    listener: (event: JobEvent) => void,
  ): Promise<Envelope<{ job: string }>> {
    this.asked.push({ name, input });
    await Promise.resolve();
    if (!isAcceptable(name, 'stream', input)) return badRequest(name);
    this.#jobs += 1;
    const job = `job-${this.#jobs}`;
    void this.#play(job, this.#machine.job(name as StreamName, input), listener);
    return { ok: true, data: { job } };
  }

  acknowledge(job: string, characters: number): void {
    this.acknowledged.set(job, (this.acknowledged.get(job) ?? 0) + characters);
  }

  async #play(id: string, job: Job, listener: (event: JobEvent) => void): Promise<void> {
    let sequence = 0;
    const tell = (event: JobEvent['event']) => {
      sequence += 1;
      listener({ sequence, event });
    };
    await pause(this.#pace);
    for (const event of job.script) {
      if (this.#cancelled.has(id)) break;
      tell(event);
      // A browser makes every pause four milliseconds long at least; thousands would take minutes.
      if (this.#pace > 0 || sequence % UNPACED === 0) await pause(this.#pace);
    }
    while (job.endless === true && !this.#cancelled.has(id)) await pause(20);
    tell({ type: 'done', ...(this.#cancelled.has(id) ? job.cancelled() : job.end()) });
  }
}

function isAcceptable(name: string, kind: 'call' | 'stream', input: unknown): boolean {
  if (!Object.hasOwn(contract, name)) return false;
  const channel = contract[name as ChannelName];
  return channel.kind === kind && channel.input.safeParse(input).success;
}

function badRequest(name: string) {
  return {
    ok: false,
    error: { code: 'bad-request', params: { detail: name }, correlationId: '' },
  } as const;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
