import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message } from '../../../shared/message.ts';
import type { EffectOf } from '../../../shared/plan.ts';
import { guarded, isAbsent } from '../faults.ts';
import { hashFile } from '../journal/capture.ts';
import { syncPath, unlinkIfThere } from '../journal/durable.ts';
import { findTool, runCoreTool } from '../journal/tools.ts';
import type { EffectKind } from './effect.ts';

type LoaderCache = EffectOf<'loader-cache'>;

/**
 * etc/ld.so.cache of a root. ldconfig makes it out of the libraries that are there
 * (it is static, and with -r it runs nothing of that root), so undo makes it again
 * from the files that are back instead of putting old bytes beside new libraries.
 */
export const loaderCache: EffectKind<'loader-cache'> = {
  kind: 'loader-cache',
  target: cacheOf,
  read: async (effect) => {
    const cache = cacheOf(effect);
    return guarded(cache, async () => {
      await requireOwnEtc(effect);
      try {
        // Never through a link: below a root that may be a stranger's it leads anywhere.
        if (!(await lstat(cache)).isFile())
          throw new DevmendError('target-changed', { path: cache });
        return await hashFile(cache);
      } catch (error) {
        if (isAbsent(error)) return ABSENT;
        throw error;
      }
    });
  },
  requirePossible: async ({ value }) => {
    if (value === 'rebuilt' && (await findTool('ldconfig')) === null)
      throw new DevmendError('tool-missing', { tool: 'ldconfig' });
  },
  set: async (effect) => {
    const cache = cacheOf(effect);
    await guarded(cache, () => requireOwnEtc(effect));
    if (effect.value === 'absent') {
      await guarded(cache, async () => {
        await unlinkIfThere(cache);
        // What an ldconfig that was ended leaves beside it.
        await unlinkIfThere(`${cache}~`);
        await syncPath(join(effect.root, 'etc'));
      });
      return;
    }
    if ((await findTool('ldconfig')) === null)
      throw new DevmendError('tool-missing', { tool: 'ldconfig' });
    await runCoreTool('ldconfig', arguments_(effect), cache);
    await guarded(cache, async () => {
      await syncPath(cache);
      await syncPath(join(effect.root, 'etc'));
    });
  },
  expected: ({ value }) => (value === 'absent' ? ABSENT : null),
  back: (effect, before) => ({ ...effect, value: before === ABSENT ? 'absent' : 'rebuilt' }),
  reversibility: () => ({
    reversibility: 'partial',
    reason: message('change.reason.rebuiltCache'),
  }),
  commands: (effect) => (effect.value === 'absent' ? [] : [['ldconfig', ...arguments_(effect)]]),
};

const ABSENT = 'absent';

/** An `etc` that is a link leads out of the root, to this system's cache for one. */
async function requireOwnEtc({ root }: LoaderCache): Promise<void> {
  const etc = join(root, 'etc');
  if ((await lstat(etc)).isDirectory()) return;
  throw new DevmendError('target-changed', { path: etc });
}

function cacheOf({ root }: LoaderCache): string {
  return join(root, 'etc/ld.so.cache');
}

/** -X: links between sonames and files are the package manager's business. */
function arguments_({ root }: LoaderCache): readonly string[] {
  return root === '/' ? ['-X'] : ['-X', '-r', root];
}
