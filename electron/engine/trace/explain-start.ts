import { existsSync } from 'node:fs';
import { machine as hostMachine } from 'node:os';
import { message } from '../../../shared/message.ts';
import type { TraceExplanation } from '../../../shared/trace.ts';
import { machineName } from '../elf/constants.ts';
import { readElf } from '../elf/read.ts';
import { danglingTarget } from './answers.ts';
import { askedInterpreter, startedProgram } from './program-file.ts';

type Start = Pick<TraceExplanation, 'process' | 'evidence'>;

/** Why the kernel refused to start a file, from the error it gave (execve(2)). */
export function explainStart(path: string, errno: string, start: Start): TraceExplanation {
  const said = (
    kind: TraceExplanation['kind'],
    key: string,
    params: Readonly<Record<string, string>>,
    subject = path,
  ): TraceExplanation => ({ kind, text: message(key, params), subject, searched: [], ...start });
  switch (errno) {
    case 'ENOENT':
      return absent(path, said);
    case 'ELOOP':
      return said('looping-link', 'trace.text.program-loop', { path });
    case 'EACCES':
      return said('not-executable', 'trace.text.not-executable', { path });
    case 'EPERM':
      return said('not-permitted', 'trace.text.start-not-permitted', { path });
    case 'ENOEXEC':
      return unusable(path, said);
    default:
      return said('not-executable', 'trace.text.start-refused', { path, error: errno });
  }
}

type Say = (
  kind: TraceExplanation['kind'],
  key: string,
  params: Readonly<Record<string, string>>,
  subject?: string,
) => TraceExplanation;

/** "No such file" is said of the interpreter too, which is what puzzles people. */
function absent(path: string, said: Say): TraceExplanation {
  const target = danglingTarget(path);
  if (target !== null) return said('broken-link', 'trace.text.program-link', { path, target });
  const chain = startedProgram(path);
  const files = [...chain.scripts, chain.path];
  for (const file of files) {
    const interpreter = askedInterpreter(file);
    if (interpreter === null || existsSync(interpreter)) continue;
    const params = { path: file, interpreter };
    return said('interpreter-missing', 'trace.text.interpreter-missing', params, interpreter);
  }
  return existsSync(path)
    ? said('interpreter-missing', 'trace.text.interpreter-unknown', { path })
    : said('not-executable', 'trace.text.program-absent', { path });
}

function unusable(path: string, said: Say): TraceExplanation {
  const elf = readElf(startedProgram(path).path);
  if (!elf.ok) return said('not-executable', 'trace.text.no-program', { path });
  const params = { path, machine: machineName(elf.value.machine), host: hostMachine() };
  return said('wrong-class', 'trace.text.foreign-program', params);
}
