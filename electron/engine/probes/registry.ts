import { componentsProbe } from './components.ts';
import { distributionProbe } from './distribution.ts';
import { editorSettingsProbe } from './editor-settings.ts';
import { editorsProbe } from './editors.ts';
import { goExtensionProbe } from './go-extension.ts';
import { goToolsProbe } from './go-tools.ts';
import { kernelProbe } from './kernel.ts';
import { libcProbe } from './libc.ts';
import { packagesProbe } from './packages.ts';
import type { Probe } from './probe.ts';
import { programsProbe } from './programs.ts';

/** Every probe, in the order in which they run; each stands behind what it lists in `after`. */
export const probes: readonly Probe[] = [
  distributionProbe,
  kernelProbe,
  libcProbe,
  editorsProbe,
  editorSettingsProbe,
  goToolsProbe,
  goExtensionProbe,
  programsProbe,
  packagesProbe,
  componentsProbe,
];
