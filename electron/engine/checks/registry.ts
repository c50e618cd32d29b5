import type { Check } from './check.ts';
import { componentCannotLoad } from './component-cannot-load.ts';
import { glibcBoundary } from './glibc-boundary.ts';
import { glibcVersionMissing } from './glibc-version-missing.ts';
import { libcReplaced } from './libc-replaced.ts';
import { libraryMissing } from './library-missing.ts';
import { otherLibc } from './other-libc.ts';
import { startRefused } from './start-refused.ts';
import { symbolMissing } from './symbol-missing.ts';

/** Every check, in the order in which their findings are shown within a severity. */
export const checks: readonly Check[] = [
  glibcVersionMissing,
  libraryMissing,
  otherLibc,
  symbolMissing,
  startRefused,
  componentCannotLoad,
  libcReplaced,
  glibcBoundary,
];
