import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { DiffLine, ElfPatch } from '../../../shared/plan.ts';
import { LoaderSession } from '../elf/loader.ts';
import { readElf } from '../elf/read.ts';
import { checkEditedElf } from '../elf/structure.ts';
import type { ElfFile } from '../elf/types.ts';
import type { ChangeContext } from './change.ts';

/** The file must be the one that the plan was made for, and be safe to edit. */
export function requireUnedited(original: string, staged: string, patch: ElfPatch): void {
  const elf = read(staged, original);
  const rpath = elf.hasRunpath ? elf.runpath : elf.rpath;
  const same =
    elf.interpreter === patch.interpreter.before &&
    rpath.join(':') === patch.rpath.before.join(':');
  if (!same) throw new DevmendError('target-changed', { path: original });
  // patchelf would move or cut off what Bun, pkg or PyInstaller put behind the segments.
  if (elf.appendedPayload !== null)
    throw new DevmendError('program-appended-payload', { path: original });
}

/** What patchelf wrote, checked before anything can run it. */
export function checkEdited(
  original: string,
  staged: string,
  patch: ElfPatch,
  context: ChangeContext,
): void {
  requirePatched(staged, patch, original);
  requireStructure(original, staged, patch, context);
  requireStarts(original, staged, context);
}

/** Everything the loader reads lies where it can be read, and nothing else has changed. */
function requireStructure(
  original: string,
  staged: string,
  patch: ElfPatch,
  context: ChangeContext,
): void {
  const checked = checkEditedElf(original, staged, {
    interpreter: patch.interpreter.after,
    rpath: patch.rpath.after,
  });
  if (!checked.ok)
    throw new DevmendError('structural-check-failed', {
      path: original,
      what: `${checked.error.rule} (${checked.error.detail})`,
    });
  const { tables } = checked.value;
  context.emit({ type: 'note', note: message('change.note.structure', { tables }) });
}

/** The loader simulation of the edited file, where it will find its libraries. */
function requireStarts(original: string, staged: string, context: ChangeContext): void {
  const report = new LoaderSession(context.machine.root).simulate(staged);
  const versions = report.versionErrors.filter((error) => !error.weak);
  context.emit({
    type: 'note',
    note: message('change.note.simulated', {
      libraries: report.objects.length,
      missing: versions.length,
    }),
  });
  if (report.verdict === 'starts') return;
  const what = [
    ...report.missing.map(({ soname }) => soname),
    ...versions.map(({ library, version }) => `${library} ${version}`),
    ...report.symbolErrors.map(({ symbol }) => symbol),
    ...(report.reason === null ? [] : [report.reason]),
  ];
  throw new DevmendError('simulation-failed', { path: original, what: what.join(', ') });
}

/** Reads back that a file is pointed where the patch says. */
export function requirePatched(path: string, patch: ElfPatch, named: string): void {
  const elf = read(path, named);
  if (elf.interpreter !== patch.interpreter.after)
    throw new DevmendError('verification-failed', { path: named, what: 'PT_INTERP' });
  if (elf.rpath.join(':') !== patch.rpath.after.join(':') || elf.hasRunpath)
    throw new DevmendError('verification-failed', { path: named, what: 'DT_RPATH' });
}

function read(path: string, named: string): ElfFile {
  const elf = readElf(path);
  if (elf.ok) return elf.value;
  throw new DevmendError('malformed-elf', {
    path: named,
    detail: elf.error.detail,
    offset: elf.error.offset ?? 0,
  });
}

/** The lines of a preview: what is there now, and what it becomes. */
export function patchDiff(patch: ElfPatch, heading: string | null): DiffLine[] {
  const line = (sign: '+' | '-' | ' ', text: string): DiffLine => ({ sign, line: null, text });
  return [
    ...(heading === null ? [] : [line(' ', heading)]),
    line('-', `interpreter  ${patch.interpreter.before}`),
    ...(patch.rpath.before.length === 0
      ? []
      : [line('-', `rpath        ${patch.rpath.before.join(':')}`)]),
    line('+', `interpreter  ${patch.interpreter.after}`),
    line('+', `rpath        ${patch.rpath.after.join(':')}`),
  ];
}
