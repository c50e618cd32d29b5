import { contextBridge, ipcRenderer } from 'electron';
import { channelOf, type DevmendBridge } from '../../shared/bridge.ts';
import type { Envelope } from '../../shared/contract.ts';
import type { JobEvent } from '../../shared/job.ts';

// Put in by the bundler from shared/contract.ts: the schemas themselves stay on the main side.
declare const CONTRACT_CALLS: readonly string[];
declare const CONTRACT_STREAMS: readonly string[];

type Call = (input: unknown) => Promise<Envelope<unknown>>;
type Start = (
  input: unknown,
  listener: (event: JobEvent) => void,
) => Promise<Envelope<{ job: string }>>;

const ports = new Map<string, MessagePort>();
const refused: Envelope<never> = {
  ok: false,
  error: { code: 'bad-request', params: {}, correlationId: '' },
};

const calls = new Map<string, Call>();
for (const name of CONTRACT_CALLS) {
  const channel = channelOf(name);
  calls.set(name, async (input) => {
    try {
      return (await ipcRenderer.invoke(channel, input)) as Envelope<unknown>;
    } catch {
      // What cannot be cloned (a function, a symbol) is nothing the contract could mean.
      return refused;
    }
  });
}

const streams = new Map<string, Start>();
for (const name of CONTRACT_STREAMS) {
  const channel = channelOf(name);
  streams.set(
    name,
    (input, listener) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        let job: string | null = null;
        // The first message is the answer with the job's id; numbered events follow.
        port1.onmessage = ({ data }: MessageEvent<unknown>) => {
          if (job === null) {
            const answer = data as Envelope<{ job: string }>;
            job = answer.ok ? answer.data.job : '';
            if (answer.ok) ports.set(job, port1);
            resolve(answer);
            return;
          }
          const event = data as JobEvent;
          if (event.event.type === 'done') ports.delete(job);
          listener(event);
          if (event.event.type === 'done') port1.close();
        };
        try {
          ipcRenderer.postMessage(channel, input, [port2]);
        } catch {
          resolve(refused);
        }
      }),
  );
}

const bridge: DevmendBridge = {
  call: (name, input) => calls.get(name)?.(input) ?? Promise.resolve(refused),
  start: (name, input, listener) =>
    streams.get(name)?.(input, listener) ?? Promise.resolve(refused),
  acknowledge: (job, characters) => ports.get(job)?.postMessage({ type: 'ack', characters }),
};

contextBridge.exposeInMainWorld('devmend', bridge);
