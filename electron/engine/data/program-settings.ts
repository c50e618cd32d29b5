/**
 * Settings that name a program, as far as people who write Go in VS Code have
 * them. A setting is matched on its dotted name (`go.alternateTools.gopls`),
 * because VS Code merges flat keys and nested objects into one tree.
 */
export interface ProgramSetting {
  /** Matches the whole dotted name, without array indices. */
  readonly pattern: RegExp;
  /**
   * What is appended to the value to come to the program; such a setting names
   * a directory and cannot simply be pointed to another program.
   */
  readonly suffix: string | null;
  /** Only an absolute path (or `~`, `${…}`) counts; other values mean something else. */
  readonly absoluteOnly: boolean;
  /** Where the meaning of the setting is written down. */
  readonly source: string;
}

const exact = (
  pattern: RegExp,
  source: string,
  more: Partial<Pick<ProgramSetting, 'suffix' | 'absoluteOnly'>> = {},
): ProgramSetting => ({ pattern, source, suffix: null, absoluteOnly: false, ...more });

export const PROGRAM_SETTINGS: readonly ProgramSetting[] = [
  exact(/^git\.path$/, 'microsoft/vscode extensions/git/package.json: string, null or array'),
  exact(/^go\.alternateTools\..+$/, 'golang/vscode-go docs/settings.md: tool name to path'),
  exact(/^go\.toolsManagement\.go$/, 'golang/vscode-go docs/settings.md: go for installing tools'),
  exact(/^go\.goroot$/, 'golang/vscode-go docs/settings.md: directory, go is in its bin', {
    suffix: 'bin/go',
  }),
  exact(
    /^launch\.configurations\.dlvToolPath$/,
    'golang/vscode-go docs/debugging.md: attribute dlvToolPath of a launch configuration',
  ),
  exact(
    /^terminal\.integrated\.profiles\.linux\..+\.path$/,
    'microsoft/vscode terminalPlatformConfiguration.ts: string or array, the first that exists',
  ),
  exact(
    /^terminal\.integrated\.automationProfile\.linux\.path$/,
    'microsoft/vscode terminalPlatformConfiguration.ts: shell for tasks and debugging',
  ),
  exact(
    /^terminal\.external\.linuxExec$/,
    'microsoft/vscode externalTerminal.contribution.ts: terminal for "Open in External Terminal"',
  ),
  exact(/^remote\.SSH\.path$/, 'VS Code documentation, Remote - SSH: path of the ssh program'),
  // A convention of many linters' extensions (shellcheck, shfmt, hadolint).
  exact(/^.+\.executablePath$/, 'timonwong.shellcheck, mkhl.shfmt: README', {
    absoluteOnly: true,
  }),
];

/** The table's line for a dotted setting name, or null when it names no program. */
export function programSetting(name: string): ProgramSetting | null {
  return PROGRAM_SETTINGS.find((setting) => setting.pattern.test(name)) ?? null;
}
