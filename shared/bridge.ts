import type { Envelope } from './contract.ts';
import type { JobEvent } from './job.ts';

/**
 * What the preload script puts on `window.devmend`, and all that the window can
 * reach. Names and inputs are checked against the contract on the main side;
 * the window checks what comes back. The browser fake has the same shape.
 */
export interface DevmendBridge {
  /** One question, one answer. `name` is a `call` of the contract. */
  call(name: string, input: unknown): Promise<Envelope<unknown>>;
  /**
   * Starts a job. `name` is a `stream` of the contract. Events may reach the
   * listener before the answer with the job's id does. After `done` nothing more
   * comes. To cancel, call `job.cancel` with the id.
   */
  start(
    name: string,
    input: unknown,
    listener: (event: JobEvent) => void,
  ): Promise<Envelope<{ job: string }>>;
  /** Flow control: so many characters of the job's output have been taken in. */
  acknowledge(job: string, characters: number): void;
}

/** Name of the channel on which a call or stream of the contract travels. */
export function channelOf(name: string): string {
  return `devmend:${name}`;
}
