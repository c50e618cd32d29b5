import { posix } from 'node:path';
import { message } from '../../../shared/message.ts';
import type { ChangeOf } from '../../../shared/plan.ts';
import type { Program, ProgramReference } from '../../../shared/snapshot.ts';

type SettingReference = Extract<ProgramReference, { kind: 'setting' }>;

/** An edit of one settings file, with the editor's name for the texts about it. */
export interface SettingEdit {
  readonly change: ChangeOf<'edit-json'>;
  readonly editor: string;
}

/** One change a settings file: every setting in it that names the program gets the new path. */
export function settingEdits(program: Program, newPath: string): SettingEdit[] {
  const byFile = new Map<string, SettingReference[]>();
  for (const reference of program.references) {
    if (reference.kind !== 'setting') continue;
    const path = reference.target ?? reference.file;
    byFile.set(path, [...(byFile.get(path) ?? []), reference]);
  }
  return [...byFile].map(([path, references]) => editOf(path, references, newPath));
}

function editOf(
  path: string,
  references: readonly SettingReference[],
  newPath: string,
): SettingEdit {
  const [first] = references;
  const editor = first?.editorName ?? '';
  const change: ChangeOf<'edit-json'> = {
    kind: 'edit-json',
    id: `edit-json:${path}`,
    title: message('repair.sandbox.change.setting', { editor }),
    privilege: 'user',
    reversibility: 'full',
    reversibilityReason: null,
    bytes: 0,
    path,
    link: first && first.file !== path ? first.file : null,
    edits: references.map((reference) => ({
      jsonPath: reference.jsonPath,
      before: JSON.stringify(reference.value),
      after: JSON.stringify(settingValue(reference, newPath)),
    })),
  };
  return { change, editor };
}

/** `go.goroot` names the tree that holds `bin/go`; every other setting names the program. */
export function settingValue(reference: SettingReference, program: string): string {
  return reference.setting === 'go.goroot' ? posix.dirname(posix.dirname(program)) : program;
}
