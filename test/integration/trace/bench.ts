import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { hostMachine } from '../../../electron/engine/host.ts';
import type { TraceRequest } from '../../../electron/engine/inspection.ts';
import { findTools, type TraceTools } from '../../../electron/engine/trace/tools.ts';
import { traceLaunch } from '../../../electron/engine/trace/trace.ts';
import { translate } from '../../../shared/messages/translate.ts';
import { traceReportSchema, type TraceReport } from '../../../shared/trace.ts';

export const allTools: TraceTools = findTools();
export const noTools: TraceTools = { strace: null, ltrace: null };
export const withoutStrace: TraceTools = { ...allTools, strace: null };

/** A directory for the programs of one test file. */
export function bench(): { readonly path: (name: string) => string } {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'devmend-trace-test-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return { path: (name) => join(directory, name) };
}

/** Compiles C to a file. */
export function compile(code: string, output: string, ...options: readonly string[]): void {
  const source = `${output}.c`;
  writeFileSync(source, code);
  execFileSync('gcc', ['-o', output, source, ...options], { stdio: 'pipe' });
  rmSync(source);
}

export interface TraceTestOptions extends Partial<TraceRequest> {
  readonly tools?: TraceTools;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** Runs a program and answers with the report, which has texts for everything it says. */
export async function traced(
  program: string,
  options: TraceTestOptions = {},
): Promise<TraceReport> {
  const { tools = allTools, environment = {}, signal, onOutput, ...request } = options;
  const machine = hostMachine({ environment: { ...process.env, ...environment } });
  const answer = await traceLaunch(
    machine,
    { program, arguments: [], timeLimitMs: 60_000, workingDirectory: '/', ...request },
    {
      emit: (event) => {
        if (event.type === 'output' && event.stream === 'data') onOutput?.(event.text);
      },
      signal: signal ?? new AbortController().signal,
    },
    tools,
  );
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  const report = traceReportSchema.parse(answer.value);
  for (const { text } of report.explanations) {
    const words = translate('en', text);
    expect(words).not.toBe(text.key);
    expect(words).not.toContain('{{');
  }
  return report;
}

/** The kinds of a report's explanations, in its order. */
export function kinds(report: TraceReport): readonly string[] {
  return report.explanations.map(({ kind }) => kind);
}

export function first(report: TraceReport, kind: TraceReport['explanations'][number]['kind']) {
  const found = report.explanations.find((one) => one.kind === kind);
  expect(found, `${kind} in ${JSON.stringify(kinds(report))}`).toBeDefined();
  return found!;
}

/** Directories that a trace has left in the temporary directory. */
export function leftDirectories(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => /^devmend-trace-(?!test)/.test(name));
}
