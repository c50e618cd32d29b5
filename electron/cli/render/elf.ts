import type { ElfReportFile } from '../../../shared/elf.ts';
import { hanging } from './layout.ts';
import { say, type CliKey, type View } from './view.ts';

/** What one ELF file says of itself, a fact a line. */
export function renderElfFile(view: View, file: ElfReportFile): readonly string[] {
  if (file.error !== null) {
    const offset = file.error.offset === null ? '' : ` (0x${file.error.offset.toString(16)})`;
    return [
      view.style.heading(file.path),
      `  ${view.style.bad('x')} ${file.error.code}: ${file.error.detail}${offset}`,
    ];
  }
  const kind = [file.class, file.machine, file.type, file.linkage, file.libc].filter(
    (part) => part !== null,
  );
  const facts: readonly (readonly [CliKey, readonly string[]])[] = [
    ['cli.elf.kind', [kind.join(', ')]],
    ['cli.elf.interpreter', file.interpreter === null ? [] : [file.interpreter]],
    ['cli.elf.soname', file.soname === null ? [] : [file.soname]],
    ['cli.elf.needed', file.needed],
    ['cli.elf.rpath', file.rpath],
    ['cli.elf.runpath', file.runpath],
    [
      'cli.elf.needs-versions',
      file.versionNeeds.map(
        (need) => `${need.library}: ${need.versions.map((version) => version.name).join(' ')}`,
      ),
    ],
    ['cli.elf.defines-versions', file.versionDefines],
    [
      'cli.elf.go',
      file.go === null ? [] : [`${file.go.version} ${file.go.path} ${file.go.module}`.trim()],
    ],
  ];
  return [
    view.style.heading(file.path),
    ...facts.flatMap(([key, values]) => fact(view, say(view, key), key, values)),
  ];
}

const LABEL_WIDTH = 22;

function fact(
  view: View,
  label: string,
  key: CliKey,
  values: readonly string[],
): readonly string[] {
  if (values.length === 0) return [];
  // Definitions are many and short: they run on. Everything else gets a line of its own.
  const texts = key === 'cli.elf.defines-versions' ? [values.join(' ')] : values;
  return texts.flatMap((text, index) =>
    hanging(index === 0 ? `  ${label}` : '', text, view.columns, LABEL_WIDTH),
  );
}
