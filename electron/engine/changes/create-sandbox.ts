import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DevmendError } from '../../../shared/error.ts';
import { message, type Message } from '../../../shared/message.ts';
import type { ChangeOf, ChangePreview } from '../../../shared/plan.ts';
import { syncDirectory } from '../journal/durable.ts';
import { guarded } from '../faults.ts';
import { exists } from '../journal/steps.ts';
import { buildSandbox } from '../sandbox/build.ts';
import { verifySandbox } from '../sandbox/manifest.ts';
import type { ChangeContext, ChangeKind } from './change.ts';
import { previewOf } from './preview.ts';

type CreateSandbox = ChangeOf<'create-sandbox'>;

/**
 * Builds a private glibc beside its place and gives it its name by one rename: a
 * sandbox is there complete and checked, or not at all.
 */
export const createSandbox: ChangeKind<'create-sandbox'> = {
  kind: 'create-sandbox',
  touches: (change) => [change.directory],
  needs: () => [],
  preview,
  apply,
  verify: async (change) => {
    const checked = await verifySandbox(change.directory);
    if (!checked.ok) throw DevmendError.from(checked.error);
    return releaseOf(change);
  },
};

async function preview(change: CreateSandbox): Promise<ChangePreview> {
  const { spec, directory } = change;
  if (await exists(directory)) throw new DevmendError('target-changed', { path: directory });
  const { signedBy, packages } = spec;
  return previewOf(change, {
    notes: [
      releaseOf(change),
      message('change.note.signed', { name: signedBy.name, fingerprint: signedBy.fingerprint }),
      message('change.note.packages', {
        packages: packages.map(({ name, version }) => `${name} ${version}`).join(', '),
      }),
    ],
  });
}

function releaseOf({ spec }: CreateSandbox): Message {
  const { distributor, release, glibc } = spec;
  return message('change.note.release', { distributor, release, glibc });
}

async function apply(change: CreateSandbox, context: ChangeContext): Promise<void> {
  const staged = await context.temporary(change.directory);
  await guarded(staged, async () => {
    await mkdir(staged, { mode: 0o755 });
    await syncDirectory(dirname(staged));
  });
  await buildSandbox(context.machine, change.spec, staged, context);
  await context.install(staged, change.directory);
}
