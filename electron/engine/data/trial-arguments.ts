/**
 * Harmless arguments that make a program say who it is, by file name. A program
 * that is not listed is asked `--version`; whatever it answers, the loader has
 * then let it start.
 *
 * Sources: `go help version`, `gopls help version`, `dlv version --help`,
 * git(1), bash(1); Electron as Node: the ELECTRON_RUN_AS_NODE variable in
 * Electron's documentation ("Environment Variables").
 */
export interface TrialArguments {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** All that a trial run may be given besides the minimal environment. */
export const trialVariables: ReadonlySet<string> = new Set(['ELECTRON_RUN_AS_NODE']);

const plainVersion: TrialArguments = { args: ['--version'], environment: {} };
const versionCommand: TrialArguments = { args: ['version'], environment: {} };

const byName: Readonly<Record<string, TrialArguments>> = {
  go: versionCommand,
  gopls: versionCommand,
  dlv: versionCommand,
  'golangci-lint': versionCommand,
  gofmt: { args: ['-h'], environment: {} },
  staticcheck: { args: ['-version'], environment: {} },
};

/** What to run a program with to see whether it starts. */
export function trialArguments(name: string, isElectron: boolean): TrialArguments {
  if (isElectron) return { args: ['--version'], environment: { ELECTRON_RUN_AS_NODE: '1' } };
  return byName[name] ?? plainVersion;
}
