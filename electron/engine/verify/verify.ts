import { readFileSync } from 'node:fs';
import { assertNever, type ErrorData } from '../../../shared/error.ts';
import type { Message } from '../../../shared/message.ts';
import type { Verification } from '../../../shared/plan.ts';
import { jsonValueAt } from '../changes/json-text.ts';
import { LoaderSession } from '../elf/loader.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { probePrivateGlibc } from './private-glibc.ts';
import { trialRun } from './trial-run.ts';

/** Most characters of an answer that are kept. */
const SHOWN = 400;

export interface VerificationAnswer {
  readonly passed: boolean;
  /** What was seen: the program's answer, the libraries, the value. */
  readonly output: string;
  /** Why it did not pass; null when it did. */
  readonly error: ErrorData | null;
  /** What a person should know although it passed; left out when nothing. */
  readonly notes?: readonly Message[];
}

/** Checks one thing that has to be true after a repair. Never throws. */
export async function runVerification(
  verification: Verification,
  machine: Machine,
  job: JobContext,
): Promise<VerificationAnswer> {
  switch (verification.kind) {
    case 'loader-simulation':
      return simulate(verification.path, machine, job);
    case 'program-starts': {
      const answer = await trialRun(verification, machine, job);
      return answer.ok
        ? { passed: true, output: answer.value.firstLine, error: null }
        : {
            passed: false,
            output: String(answer.error.params['answer'] ?? ''),
            error: answer.error,
          };
    }
    case 'setting-names':
      return settingNames(verification.path, verification.jsonPath, verification.value);
    case 'private-glibc':
      return probePrivateGlibc(verification, machine, job);
    default:
      return assertNever(verification);
  }
}

function simulate(path: string, machine: Machine, job: JobContext): VerificationAnswer {
  const report = new LoaderSession(machine.root, { user: machine.user }).simulate(path);
  const missing = report.versionErrors.filter((error) => !error.weak).length;
  job.emit({
    type: 'note',
    note: {
      key: 'verify.note.simulated',
      params: { libraries: report.objects.length, missing: missing + report.missing.length },
    },
  });
  if (report.verdict === 'starts') {
    const loaded = report.objects.map(({ soname }) => soname).join(', ');
    return { passed: true, output: loaded.slice(0, SHOWN), error: null };
  }
  const what = [
    ...report.missing.map((library) => library.soname),
    ...report.versionErrors.map((error) => `${error.library} ${error.version}`),
    ...report.symbolErrors.map((error) => error.symbol),
    ...(report.reason === null ? [] : [report.reason]),
  ].join(', ');
  return {
    passed: false,
    output: what,
    error: { code: 'simulation-failed', params: { path, what }, correlationId: '' },
  };
}

function settingNames(
  path: string,
  jsonPath: (string | number)[],
  value: string,
): VerificationAnswer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    return notSet(path, jsonPath, (error as NodeJS.ErrnoException).code ?? '');
  }
  // As the editor reads it: of two equal keys the last one counts.
  const found = jsonValueAt(content, jsonPath);
  if (found === value) return { passed: true, output: value, error: null };
  return notSet(path, jsonPath, typeof found === 'string' ? found : '');
}

function notSet(path: string, jsonPath: (string | number)[], found: string): VerificationAnswer {
  const error: ErrorData = {
    code: 'verification-failed',
    params: { path, what: jsonPath.join('.') },
    correlationId: '',
  };
  return { passed: false, output: found, error };
}
