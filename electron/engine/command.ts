/** A program to run: an absolute path and its arguments, never a shell string. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child; nothing is inherited beside it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** How a command ended. `output` is stdout and stderr as they came, at most 1 MB (the tail). */
export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  readonly output: string;
}

/**
 * Runs commands. In the app the implementation is a pseudo-terminal whose output
 * the window shows; in the terminal and in tests it is plain pipes.
 * Rejects only when the program could not be started at all (ENOENT, EACCES).
 * A command past its time limit, or cancelled, is ended with its whole process group.
 */
export type CommandRunner = (
  command: Command,
  onOutput: (text: string) => void,
  signal: AbortSignal,
) => Promise<CommandOutcome>;
