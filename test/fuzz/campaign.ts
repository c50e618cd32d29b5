import { fork } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { readCurrent, type CurrentInput } from './current-input.ts';
import type { ChildFinding, Finding, Order, Outcome, Report } from './finding.ts';
import { keepFinding } from './finds.ts';
import { grows, slopeOf, type MemorySample } from './memory.ts';

export interface CampaignOptions {
  readonly target: string;
  readonly seedDirectory: string;
  readonly seed: number;
  readonly runs: number;
  readonly coverage: boolean;
  /** Milliseconds of processor time that an input may take; null: nobody asks. */
  readonly slowMs: number | null;
  /** Seconds after which an input that still runs is taken for endless. */
  readonly endlessSeconds: number;
  /** Where inputs that were found are written to; null: nowhere. */
  readonly finds: string | null;
  /** One input to run instead of mutants. */
  readonly replay?: { readonly seedName: string; readonly bytes: Buffer };
}

/** A target that ends its process again and again is not asked any further. */
const MOST_RESTARTS = 5;
/** Readers promise bounded memory: one that needs more than this dies and is found. */
const HEAP_MEGABYTES = 1024;

type Done = Extract<Report, { type: 'done' }>;

interface Leg {
  readonly done: Done | null;
  readonly findings: readonly ChildFinding[];
  /** Why the process is gone although it was not done. */
  readonly end: { readonly kind: 'endless' | 'crash'; readonly detail: string };
  readonly last: CurrentInput | null;
}

/**
 * Runs one target in a process of its own. A watchdog here ends the process when an input
 * does not come to an end; such an input, and one that its process died of, are findings,
 * and the campaign goes on behind it.
 */
export async function runCampaign(worker: string, options: CampaignOptions): Promise<Outcome> {
  const begun = performance.now();
  const findings: Finding[] = [];
  const legs: Leg[] = [];
  let next = 0;
  while (next < options.runs && legs.length <= MOST_RESTARTS) {
    const leg = await runLeg(worker, next, options);
    legs.push(leg);
    findings.push(...leg.findings.map((finding) => keepFinding(finding, options)));
    if (leg.done === null) {
      const ended = await endOf(worker, leg, options);
      if (ended !== null) findings.push(ended);
    }
    next = leg.done === null ? (leg.last?.input ?? next) + 1 : options.runs;
  }
  const done = legs.flatMap((leg) => leg.done ?? []);
  const samples: readonly MemorySample[] = done[0]?.samples ?? [];
  if (grows(samples)) findings.push(leak(samples, options));
  const most = (value: (leg: Done) => number): number => Math.max(0, ...done.map(value));
  return {
    target: options.target,
    inputs: next,
    findings,
    slowestMs: most((leg) => leg.slowestMs),
    samples,
    blocks: most((leg) => leg.blocks),
    corpus: most((leg) => leg.corpus),
    seconds: (performance.now() - begun) / 1000,
  };
}

async function runLeg(worker: string, first: number, options: CampaignOptions): Promise<Leg> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'devmend-fuzz-'));
  const currentFile = path.join(directory, 'current');
  const workDirectory = path.join(directory, 'work');
  fs.mkdirSync(workDirectory);
  const { target, seedDirectory, seed, runs, coverage, slowMs, replay } = options;
  const order: Order = {
    target,
    seedDirectory,
    workDirectory,
    currentFile,
    seed,
    first,
    runs: runs - first,
    coverage,
    slowMs,
    replay:
      replay === undefined
        ? null
        : { seedName: replay.seedName, bytes: replay.bytes.toString('base64') },
  };
  try {
    return await attend(worker, order, options.endlessSeconds);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** Starts the process and watches over it until it is gone. */
function attend(worker: string, order: Order, endlessSeconds: number): Promise<Leg> {
  const child = fork(worker, [], {
    execArgv: ['--expose-gc', `--max-old-space-size=${HEAP_MEGABYTES}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const findings: ChildFinding[] = [];
  let done: Done | null = null;
  let endless = false;
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-4000)));
  child.on('message', (report: Report) => {
    if (report.type === 'done') done = report;
    else findings.push(report.finding);
  });
  const watchdog = watch(order.currentFile, endlessSeconds, () => {
    endless = true;
    child.kill('SIGKILL');
  });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(watchdog);
      const detail = endless
        ? `still running after ${endlessSeconds} s`
        : `the process ended with ${signal ?? code}: ${errors.trim()}`;
      const end = { kind: endless ? 'endless' : 'crash', detail } as const;
      resolve({ done, findings, end, last: readCurrent(order.currentFile) });
    });
  });
}

/** Calls `expired` when the file has not been written to for some time. */
function watch(file: string, seconds: number, expired: () => void): NodeJS.Timeout {
  let before = -1;
  let since = performance.now();
  return setInterval(() => {
    const written = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    // Until the first input there is nothing to wait for: starting takes its time.
    if (written !== before || written === 0) {
      before = written;
      since = performance.now();
    } else if (performance.now() - since > seconds * 1000) expired();
  }, 250);
}

/**
 * The finding that ended a process. One that did not come to an end is asked again, alone:
 * the machine may have slept.
 */
async function endOf(worker: string, leg: Leg, options: CampaignOptions): Promise<Finding | null> {
  const { kind, detail } = leg.end;
  if (leg.last === null) throw new Error(`${options.target} did not begin: ${detail}`);
  const { input, seedName, bytes } = leg.last;
  if (kind === 'endless' && options.replay === undefined) {
    const again = await runLeg(worker, 0, { ...options, runs: 1, replay: { seedName, bytes } });
    if (again.done !== null) return null;
  }
  return keepFinding(
    { kind, detail, input, seedName, edits: [], bytes: bytes.toString('base64') },
    options,
  );
}

function leak(samples: readonly MemorySample[], { target, seed }: CampaignOptions): Finding {
  const detail = `${Math.round(slopeOf(samples))} bytes stay for each input`;
  return {
    target,
    kind: 'leak',
    detail,
    seed,
    input: null,
    seedName: '',
    edits: [],
    bytes: Buffer.alloc(0),
    file: null,
  };
}
