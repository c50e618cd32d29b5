import type { DiffLine } from '../../../shared/plan.ts';
import { diffTexts } from '../changes/text-diff.ts';
import { readQuietly } from './capture.ts';
import { exists } from './steps.ts';
import type { PathState } from './path-state.ts';

/** Larger files are not read by a person line by line. */
export const LARGEST_TEXT = 1024 * 1024;

/** What putting a file back will change in its text; empty for what is not a text. */
export async function diffOfRestore(
  path: string,
  present: PathState,
  before: PathState,
  image: string | null,
): Promise<DiffLine[]> {
  if (present.type !== 'file' || before.type !== 'file' || image === null) return [];
  if (present.size > LARGEST_TEXT || before.size > LARGEST_TEXT) return [];
  if (!(await exists(image))) return [];
  const [now, then] = await Promise.all([readQuietly(path), readQuietly(image)]);
  return now.includes(0) || then.includes(0) ? [] : diffTexts(now, then);
}
