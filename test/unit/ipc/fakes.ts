import { EventEmitter } from 'node:events';
import { contract, type ChannelName, type InputOf } from '../../../shared/contract.ts';
import { channelOf } from '../../../shared/bridge.ts';
import { fail, type Result } from '../../../shared/error.ts';
import {
  createJobs,
  type JobPort,
  type Jobs,
  type StreamContext,
} from '../../../electron/ipc/jobs.ts';
import {
  registerContract,
  type CallHandlers,
  type MessageEventLike,
  type MessageReceiver,
  type SenderFrame,
  type StreamHandlers,
} from '../../../electron/ipc/registrar.ts';
import { isTrustedFrame } from '../../../electron/security/sender.ts';
import { createFlowControl, type FlowControl } from '../../../electron/terminal/flow-control.ts';

/** One input per channel that the contract allows. */
export const validInputs: { readonly [N in ChannelName]: InputOf<N> } = {
  'app.info': {},
  'app.openLink': { link: 'documentation' },
  'settings.get': {},
  'settings.set': { theme: 'dark' },
  'programs.choose': {},
  'programs.remove': { path: '/usr/bin/git' },
  'findings.dismiss': { id: 'glibc-version-missing:1', dismissed: true },
  'scan.last': {},
  'scan.start': {},
  'plan.start': {
    requests: [{ finding: 'a:1', repair: 'glibc-sandbox', choices: { use: 'copy' } }],
  },
  'plan.save': { plan: 'p1' },
  'repair.start': { plan: 'p1' },
  'history.list': { offset: 0, limit: 200 },
  'history.pin': { id: 't1', pinned: true },
  'history.export': { id: 't1', form: 'markdown' },
  'retention.preview': {},
  'retention.start': { expected: ['t1'] },
  'history.show': { id: 't1' },
  'history.undoPreview': { id: 't1' },
  'undo.start': { id: 't1', onConflict: 'stop' },
  'redo.start': { id: 't1' },
  'recovery.status': {},
  'recovery.start': {},
  'programs.list': {},
  'dependencies.show': { id: 'a1b2c3d4e5' },
  'components.show': {},
  'processes.show': {},
  'matrix.show': {},
  'upgrade.start': { target: 'package' },
  'trace.start': { id: 'a1b2c3d4e5', arguments: 'version' },
  'job.cancel': { job: 'j1' },
  'terminal.save': { text: 'hello' },
};

/** The main side's end of a port, with what was sent on it. */
export class FakePort extends EventEmitter implements JobPort {
  readonly sent: unknown[] = [];
  postMessage(message: unknown): void {
    this.sent.push(structuredClone(message));
    this.emit('sent');
  }
  start(): void {
    this.emit('started');
  }
  /** Resolves once `count` messages have been sent. */
  async received(count: number): Promise<readonly unknown[]> {
    while (this.sent.length < count) {
      await new Promise((resolve) => this.once('sent', resolve));
    }
    return this.sent;
  }
}

export const mainFrame: SenderFrame = { url: 'app://devmend/', parent: null };

type Answer = (
  input: unknown,
  context?: StreamContext,
) => Promise<Result<unknown>> | Result<unknown>;

/** A registrar on fakes: `answer` stands in for every handler. */
export interface Gate {
  readonly jobs: Jobs;
  readonly flows: FlowControl[];
  readonly channels: ReadonlySet<string>;
  /** Inputs that got through to a handler. */
  readonly admitted: { readonly name: ChannelName; readonly input: unknown }[];
  readonly logged: string[];
  answer: Answer;
  readonly send: (
    name: ChannelName,
    args: readonly unknown[],
    frame?: SenderFrame,
  ) => Promise<unknown>;
  readonly open: (name: ChannelName, args: readonly unknown[], frame?: SenderFrame) => FakePort;
}

export function openGate(): Gate {
  const listeners = new Map<string, (event: MessageEventLike, ...args: unknown[]) => unknown>();
  const receiver: MessageReceiver = {
    handle: (channel, listener) => void listeners.set(channel, listener),
    on: (channel, listener) => listeners.set(channel, listener),
  };
  const logged: string[] = [];
  const flows: FlowControl[] = [];
  const log = (entry: { correlationId: string; where: string; error: unknown }): void => {
    logged.push(
      `${entry.correlationId} ${entry.where} ${String((entry.error as Error).stack ?? entry.error)}`,
    );
  };
  const jobs = createJobs(log, () => {
    const flow = createFlowControl();
    flows.push(flow);
    return flow;
  });
  const gate: Gate = {
    jobs,
    flows,
    channels: new Set(),
    admitted: [],
    logged,
    answer: () => fail('locked', { pid: 1, program: 'devmend' }),
    send: async (name, args, frame = mainFrame) =>
      listeners.get(channelOf(name))?.({ senderFrame: frame }, ...args),
    open: (name, args, frame = mainFrame) => {
      const port = new FakePort();
      listeners.get(channelOf(name))?.({ senderFrame: frame, ports: [port] }, ...args);
      return port;
    },
  };
  const handlers = Object.fromEntries(
    (Object.keys(contract) as ChannelName[]).map((name) => {
      const handle = (input: unknown, context?: StreamContext): ReturnType<Answer> => {
        gate.admitted.push({ name, input });
        return gate.answer(input, context);
      };
      return [
        name,
        contract[name].kind === 'call'
          ? handle
          : { whenAbandoned: name === 'scan.start' ? 'cancel' : 'finish', run: handle },
      ];
    }),
  );
  registerContract({
    receiver,
    calls: handlers as unknown as CallHandlers,
    streams: handlers as unknown as StreamHandlers,
    jobs,
    isTrusted: isTrustedFrame,
    log,
  });
  return {
    ...gate,
    channels: new Set(listeners.keys()),
    set answer(next: Answer) {
      gate.answer = next;
    },
    get answer() {
      return gate.answer;
    },
  };
}
