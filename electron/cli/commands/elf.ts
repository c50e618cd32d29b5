import { exitStatus, type ExitStatus } from '../exit-status.ts';
import { resultView, type AnswerOptions, type CommandContext } from '../context.ts';
import { renderElfFile } from '../render/elf.ts';
import { paragraph } from '../render/view.ts';
import { elfReport } from '../../engine/elf/report.ts';

/** `devmend elf FILE|DIR…`: what ELF files say of themselves. Reads them, runs nothing. */
export async function elfCommand(
  context: CommandContext,
  paths: readonly string[],
  options: AnswerOptions,
): Promise<ExitStatus> {
  const report = await elfReport(paths);
  // Damaged files below a directory are part of the answer; one that was named is a failure.
  const broken = report.files.some((file) => file.error !== null && paths.includes(file.path));
  if (options.json === true) {
    context.console.json(report);
  } else {
    const view = resultView(context);
    context.console.out.lines(
      report.files.length === 0
        ? paragraph(view, 'cli.elf.none')
        : report.files.flatMap((file, index) => [
            ...(index === 0 ? [] : ['']),
            ...renderElfFile(view, file),
          ]),
    );
  }
  return broken ? exitStatus.findings : exitStatus.done;
}
