import type { Scenario } from './scenario.ts';
import { firstLoaderCache, kernelValue, loaderCache } from './scenarios/effects.ts';
import { programCopy, programsInPlace } from './scenarios/programs.ts';
import { sandboxCreation, sandboxRemoval, sandboxRemovalElsewhere } from './scenarios/sandboxes.ts';
import { manyFiles, settings, settingsElsewhere, textFiles } from './scenarios/settings.ts';

/** Every repair that the campaign interrupts; a kind of change that is in none fails the check. */
export const scenarios: readonly Scenario[] = [
  settings,
  settingsElsewhere,
  manyFiles,
  textFiles,
  sandboxCreation,
  programCopy,
  programsInPlace,
  sandboxRemoval,
  sandboxRemovalElsewhere,
  kernelValue,
  loaderCache,
  firstLoaderCache,
];
