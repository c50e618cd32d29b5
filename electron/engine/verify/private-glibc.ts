import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DevmendError, type ErrorData, type Result } from '../../../shared/error.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { Verification } from '../../../shared/plan.ts';
import { asDevmendError } from '../faults.ts';
import type { JobContext } from '../job.ts';
import type { Machine } from '../machine.ts';
import { PROBE_DIRECTORY, probePrograms } from '../sandbox/layout.ts';
import { missingServices } from './name-services.ts';
import { trialRun, type TrialAnswer } from './trial-run.ts';
import type { VerificationAnswer } from './verify.ts';

type PrivateGlibc = Extract<Verification, { kind: 'private-glibc' }>;
type ProbeName = (typeof probePrograms)[number];

/** Each question takes milliseconds, unless a directory server is asked that does not answer. */
const LIMIT_MS = 10_000;
/** Text that every Chinese character set can hold. */
const SAMPLE = '中文，编辑器';
/** What setlocale falls back to when the locale cannot be had. */
const PLAIN_ASCII = 'ANSI_X3.4-1968';

/** Asks one of the programs, in the private glibc or in the system's own. */
export type Ask = (
  program: ProbeName,
  args: readonly string[],
  loaderArgs?: readonly string[],
) => Promise<Result<TrialAnswer>>;

/**
 * Asks a private glibc for the user's name, the user's locale and a character set, by
 * programs of the same signed release: what `getpwuid`, `setlocale` and `iconv` would do
 * in the repaired program. It fails when one of them crashes. What the system's own glibc
 * can and the private one cannot is a note; so is a sandbox without these programs.
 *
 * `--library-path` finds what the repaired program's DT_RPATH finds: both come before the
 * machine's cache, and both hold for libraries that glibc opens itself (ld.so(8)).
 */
export async function probePrivateGlibc(
  verification: PrivateGlibc,
  machine: Machine,
  job: JobContext,
): Promise<VerificationAnswer> {
  const { path, interpreter } = verification;
  const programs = probePrograms.map((name) => join(path, PROBE_DIRECTORY, name));
  if (![interpreter, ...programs].every(isRunnable)) {
    const notes = [message('verify.private.not-probed', { directory: path })];
    return { passed: true, output: '', error: null, notes };
  }
  const environment = userEnvironment(machine);
  const start = async (file: string, args: readonly string[]): Promise<Result<TrialAnswer>> =>
    trialRun({ path: file, args, environment, timeoutMs: LIMIT_MS }, machine, job);
  const inside: Ask = (program, args, loaderArgs = []) => {
    const set = ['--library-path', dirname(interpreter), ...loaderArgs];
    return start(interpreter, [...set, join(path, PROBE_DIRECTORY, program), ...args]);
  };
  const outside: Ask = async (program, args) => {
    // Nothing inside another root is ever run.
    const own = machine.root === '/' ? [`/usr/bin/${program}`, `/bin/${program}`] : [];
    const file = own.find(isRunnable);
    const absent = new DevmendError('file-not-found', { path: program }).data;
    return file === undefined ? { ok: false, error: absent } : start(file, args);
  };
  try {
    return await probes(verification, { inside, outside, machine });
  } catch (error) {
    return failed(asDevmendError(error, path).data);
  }
}

interface Probing {
  readonly inside: Ask;
  readonly outside: Ask;
  readonly machine: Machine;
}

/** One question's answer: what to show, and what was lost. Throws when it crashed. */
interface Probed {
  readonly output: string;
  readonly notes: readonly Message[];
}

async function probes(
  { interpreter }: PrivateGlibc,
  probing: Probing,
): Promise<VerificationAnswer> {
  const answers = [
    await userName(probing),
    await nameServices(probing, dirname(interpreter)),
    await locale(probing),
    await characterSet(probing),
  ];
  const output = answers.map((answer) => answer.output).filter((line) => line !== '');
  const notes = answers.flatMap((answer) => answer.notes);
  return { passed: true, output: output.join('\n'), error: null, notes };
}

async function userName({ inside, outside, machine }: Probing): Promise<Probed> {
  const { uid, name } = machine.user;
  const question = ['passwd', String(uid)];
  const answer = await told('getent', inside('getent', question));
  if (answer === null) return slow('getent');
  const found = entryOf(answer, uid);
  if (found !== null) return { output: `getpwuid: ${found}`, notes: [] };
  const own = await outside('getent', question);
  const known = own.ok ? entryOf(own.value, uid) : name === String(uid) ? null : name;
  const notes = known === null ? [] : [message('verify.private.no-user', { user: known, uid })];
  return { output: `getpwuid: ${String(uid)}`, notes };
}

/** The name in a line of getent for this user; null when it has none. */
function entryOf(answer: TrialAnswer, uid: number): string | null {
  const fields = linesOf(answer).map((line) => line.split(':'));
  const entry = fields.find((field) => field.length >= 7 && field[2] === String(uid));
  return answer.exitCode === 0 ? (entry?.[0] ?? null) : null;
}

async function nameServices({ inside, machine }: Probing, libraries: string): Promise<Probed> {
  const ask = async (preloads: string): Promise<TrialAnswer | null> =>
    told('getent', inside('getent', ['--version'], ['--preload', preloads]));
  const missing = await missingServices(machine.root, libraries, ask);
  const notes = missing.map(({ database, service, reason }) => {
    const params = { service, library: `libnss_${service}.so.2`, reason };
    return database === 'hosts'
      ? message('verify.private.service-hosts', params)
      : message('verify.private.service-users', params);
  });
  return { output: '', notes };
}

async function locale({ inside, outside }: Probing): Promise<Probed> {
  const answer = await told('locale', inside('locale', ['charmap']));
  if (answer === null) return slow('locale');
  const charmap = charmapOf(answer);
  const own = await outside('locale', ['charmap']);
  const wanted = own.ok ? charmapOf(own.value) : '';
  const lost = wanted !== '' && wanted !== charmap && charmap === PLAIN_ASCII;
  const notes = lost ? [message('verify.private.no-locale', { charmap: wanted })] : [];
  return { output: `setlocale: ${charmap}`, notes };
}

/** The character set that `locale charmap` named, below what it may have complained of. */
function charmapOf(answer: TrialAnswer): string {
  return linesOf(answer).findLast((line) => /^[A-Za-z0-9_.:()-]+$/.test(line)) ?? '';
}

async function characterSet({ inside, outside }: Probing): Promise<Probed> {
  const work = await mkdtemp(join(tmpdir(), 'devmend-probe-'));
  try {
    await writeFile(join(work, 'text'), `${SAMPLE}\n`);
    const answer = await thereAndBack(async (args) => told('iconv', inside('iconv', args)), work);
    if (answer === null) return slow('iconv');
    if (answer) return { output: 'iconv: GBK', notes: [] };
    const own = await thereAndBack(async (args) => {
      const said = await outside('iconv', args);
      return said.ok ? said.value : null;
    }, work);
    return { output: '', notes: own === true ? [message('verify.private.no-charset')] : [] };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Whether a text survives GBK; null when there was no answer. */
async function thereAndBack(
  ask: (args: readonly string[]) => Promise<TrialAnswer | null>,
  work: string,
): Promise<boolean | null> {
  const [text, coded] = [join(work, 'text'), join(work, 'coded')];
  const there = await ask(['-f', 'UTF-8', '-t', 'GBK', '-o', coded, text]);
  if (there?.exitCode !== 0) return there === null ? null : false;
  const back = await ask(['-f', 'GBK', '-t', 'UTF-8', coded]);
  return back === null ? null : back.exitCode === 0 && linesOf(back).includes(SAMPLE);
}

/** What a private program answered; null when it took too long. Throws when it crashed. */
async function told(
  program: ProbeName,
  asked: Promise<Result<TrialAnswer>>,
): Promise<TrialAnswer | null> {
  const answer = await asked;
  if (answer.ok) return answer.value;
  if (answer.error.code === 'trial-run-timed-out') return null;
  if (answer.error.code !== 'trial-run-failed') throw DevmendError.from(answer.error);
  const said = String(answer.error.params['answer'] ?? '');
  throw new DevmendError('private-glibc-crashed', { program, answer: said });
}

function slow(program: ProbeName): Probed {
  const seconds = LIMIT_MS / 1000;
  return { output: '', notes: [message('verify.private.slow', { program, seconds })] };
}

function failed(error: ErrorData): VerificationAnswer {
  return { passed: false, output: String(error.params['answer'] ?? ''), error };
}

function linesOf({ output }: TrialAnswer): string[] {
  return output.split(/\r?\n/).map((line) => line.trim());
}

/** The user's language, as the repaired program will meet it. Nothing else is added. */
function userEnvironment(machine: Machine): Record<string, string> {
  const words = Object.entries(machine.environment).filter(([name]) =>
    /^(LANG|LANGUAGE|LC_[A-Z]+|LOCPATH)$/.test(name),
  );
  // Without LANG a program runs in the C locale; the trial run's own must not hide that.
  return { LANG: '', ...Object.fromEntries(words) };
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
