import type { Unchecked } from '../../../shared/finding.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { Program, Snapshot } from '../../../shared/snapshot.ts';
import type { CheckOutcome } from './check.ts';
import { findingId } from './identity.ts';

/** Reasons for an unknown verdict that are no gap: there is nothing for glibc's loader to refuse. */
const nothingToCheck: ReadonlySet<string> = new Set([
  'static',
  'no-interpreter',
  'not-elf',
  'foreign-architecture',
  // Judged by musl's rules, so never without a verdict.
  'musl',
]);

/** What a check that looks at one program after the other found, and how many programs start. */
export function judgePrograms(
  snapshot: Snapshot,
  judge: (program: Program, snapshot: Snapshot) => CheckOutcome['findings'],
): Pick<CheckOutcome, 'findings' | 'passed'> {
  const programs = snapshot.probes.programs.data?.programs ?? [];
  return {
    findings: programs.flatMap((program) => judge(program, snapshot)),
    passed: programs.filter((program) => program.report?.verdict === 'starts').length,
  };
}

/** What of the examined programs a check about loading cannot judge, each with the reason. */
export function uncheckedPrograms(check: string, snapshot: Snapshot): Unchecked[] {
  const programs = snapshot.probes.programs.data?.programs ?? [];
  return programs.flatMap((program) => {
    const reason = gap(program);
    if (reason === null) return [];
    return [
      {
        id: findingId(check, ['unchecked', program.path]),
        check,
        title: message('check.program.unchecked.title', {
          program: program.name,
          path: program.path,
        }),
        reason,
        problem: program.problem,
      },
    ];
  });
}

function gap(program: Program): Message | null {
  if (program.report === null) {
    const code = program.problem?.code ?? 'failed';
    return message(`check.program.unchecked.${code}`, {
      path: program.problem?.path ?? program.path,
      detail: program.problem?.detail ?? '',
    });
  }
  const { verdict, reason } = program.report;
  if (verdict !== 'unknown' || reason === null || nothingToCheck.has(reason)) return null;
  return message(`check.program.unchecked.${reason}`, { path: program.path });
}

/** How a person would name what uses this program, and what it is for, as a key suffix. */
export type Usage =
  | { readonly kind: 'git' | 'go' | 'gopls' | 'dlv' | 'tool' | 'terminal'; readonly editor: string }
  | { readonly kind: 'editor'; readonly editor: string }
  | { readonly kind: 'path' | 'user'; readonly editor: '' };

/** What the program is used for: the most telling of its references. */
export function usageOf(program: Program): Usage {
  const setting = program.references.find((reference) => reference.kind === 'setting');
  if (setting)
    return { kind: settingUsage(setting.setting, program.name), editor: setting.editorName };
  const editor = program.references.find((reference) => reference.kind === 'editor');
  if (editor) return { kind: 'editor', editor: editor.editorName };
  const onPath = program.references.some((reference) => reference.kind === 'path');
  return { kind: onPath ? 'path' : 'user', editor: '' };
}

function settingUsage(
  setting: string,
  name: string,
): 'git' | 'go' | 'gopls' | 'dlv' | 'tool' | 'terminal' {
  if (setting === 'git.path') return 'git';
  if (setting.startsWith('terminal.')) return 'terminal';
  if (name === 'go' || name === 'gopls' || name === 'dlv') return name;
  return 'tool';
}
