import * as z from 'zod';
import { forcedNeedSchema } from './component.ts';
import { messageSchema } from './message.ts';

const libcSideSchema = z.strictObject({
  /** Where it was read: a path, the .deb, or the package manager's list. */
  origin: z.string(),
  packageVersion: z.string().nullable(),
  /** Upstream release, `2.36`. */
  release: z.string().nullable(),
  buildId: z.string().nullable(),
});

/**
 * What a planned change of glibc (and libstdc++, where the new side has one)
 * would mean for the programs found here (schema `devmend.upgrade/1`).
 */
export const libcChangeReportSchema = z.strictObject({
  schema: z.literal('devmend.upgrade/1'),
  takenAt: z.string(),
  /** `unknown`: neither release, nor package, nor version definitions tell which is older. */
  direction: z.enum(['upgrade', 'downgrade', 'same', 'unknown']),
  from: libcSideSchema,
  to: libcSideSchema,
  /** Libraries of the set, each with the version definitions that come and go. */
  libraries: z.array(
    z.strictObject({
      soname: z.string(),
      gained: z.array(z.string()),
      lost: z.array(z.string()),
      /** Symbols that the old file defines and the new one does not, as `name@VERSION`. */
      lostSymbols: z.array(z.string()),
    }),
  ),
  programs: z.array(
    z.strictObject({
      name: z.string(),
      path: z.string(),
      before: z.enum(['starts', 'fails', 'unknown']),
      after: z.enum(['starts', 'fails', 'unknown']),
      /** The needs that decide `after`. */
      because: z.array(forcedNeedSchema),
      reason: messageSchema,
    }),
  ),
  /** How many programs were looked at; those that stay as they are have no entry. */
  examined: z.number().int().nonnegative(),
});
export type LibcChangeReport = z.infer<typeof libcChangeReportSchema>;
